import type { BenchOptions } from '../bench-options.ts'
import type { BenchResult, LeftOut } from '../measurement.ts'
import { compareContestants } from './compare-contestants.ts'
import type { Contestant } from './contestant.ts'
import { CLIENTS, type ClientPackage, installClient } from './install-clients.ts'
import { measureExtraRuns } from './measure-extra-runs.ts'
import { type Client, runClient } from './run-client.ts'
import { type TaskFigures, taskFigures } from './task-figures.ts'
import { claudeCode, codex } from './vendor-clients.ts'
import { workWithBackspace } from './work-with-backspace.ts'

const ROUNDS = 5
const EXTRA_RUNS = 'extra runs'
const WRAPPED = 'Backspace with Claude Code'

interface Entry extends Contestant {
  readonly ours: boolean
  /** Name of the client that works inside of it. */
  readonly wraps?: string | undefined
  readonly rounds: TaskFigures[]
}

/** One task of forty steps through Backspace and through other agents, by turns, with a model that takes no time. */
export async function benchAgent({ only, quick }: BenchOptions): Promise<BenchResult> {
  const isWanted = (name: string) =>
    only.length === 0 || only.some((part) => name.toLowerCase().includes(part.toLowerCase()))
  const { contestants, leftOut } = await prepare(isWanted)
  let entries = contestants
  for (let round = 1; round <= (quick ? 1 : ROUNDS); round++) {
    for (const entry of entries) {
      say(`round ${round}, ${entry.name}`)
      try {
        entry.rounds.push(taskFigures(await entry.work()))
      } catch (error) {
        leftOut.push({ name: entry.name, reason: messageOf(error) })
        entries = entries.filter((other) => other !== entry)
      }
    }
  }
  const measurements = [...compareContestants(entries)]
  const first = entries.find(({ ours }) => ours)
  if (first && isWanted(EXTRA_RUNS)) {
    say(EXTRA_RUNS)
    measurements.push(...(await measureExtraRuns(first.name)))
  }
  return { measurements, leftOut }
}

/** Ours and theirs side by side, for each provider. */
async function prepare(
  isWanted: (name: string) => boolean,
): Promise<{ readonly contestants: readonly Entry[]; readonly leftOut: LeftOut[] }> {
  const leftOut: LeftOut[] = []
  const contestants: Entry[] = []
  const enter = (contestant: Contestant, given: Pick<Entry, 'ours' | 'wraps'>) =>
    contestants.push({ ...contestant, ...given, rounds: [] })
  const enterClient = async (
    client: ClientPackage,
    kinds: Readonly<Record<string, (path: string) => Client>>,
    wrapped?: string,
  ) => {
    const named = Object.entries(kinds).map(
      ([kind, make]) => [`${client.name} ${client.version}${kind}`, make] as const,
    )
    const wanted = named.filter(([name]) => isWanted(name))
    const isWrapped = wrapped !== undefined && isWanted(WRAPPED)
    if (wanted.length === 0 && !isWrapped) return
    try {
      say(`installing ${client.package}@${client.version}`)
      const program = await installClient(client)
      for (const [name, make] of wanted)
        enter({ name, work: () => runClient(make(program)) }, { ours: false })
      if (!isWrapped) return
      const wraps = `${client.name} ${client.version}${wrapped}`
      enter({ name: WRAPPED, work: () => workWithBackspace('claude-code', program) }, { ours: false, wraps })
    } catch (error) {
      leftOut.push({ name: client.name, reason: `not installed: ${messageOf(error)}` })
    }
  }
  enterOurs('anthropic')
  await enterClient(
    CLIENTS.claudeCode,
    {
      '': (path) => claudeCode(path, { tools: 'default' }),
      ', six tools': (path) => claudeCode(path, { tools: 'six' }),
    },
    ', six tools',
  )
  enterOurs('openai')
  await enterClient(CLIENTS.codex, { '': codex })
  return { contestants, leftOut }

  function enterOurs(provider: 'anthropic' | 'openai'): void {
    const name = `Backspace on ${{ anthropic: 'Claude', openai: 'GPT' }[provider]}`
    if (isWanted(name)) enter({ name, work: () => workWithBackspace(provider) }, { ours: true })
  }
}

function say(text: string): void {
  process.stderr.write(`agent: ${text}\n`)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
