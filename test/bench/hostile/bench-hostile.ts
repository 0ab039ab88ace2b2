import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { Step } from '../../stand-ins/models/script.ts'
import { startStandIns } from '../../support/start-world.ts'
import type { BenchOptions } from '../bench-options.ts'
import type { BenchResult, Measurement } from '../measurement.ts'
import { type Subject, startSubject } from '../service/subject.ts'
import { ATTACKS, type Target } from './attacks.ts'
import { VERIFICATION_ATTACKS, VERIFIED_FILES } from './verification-attacks.ts'
import type { LongestBlock } from './watch-loop.ts'

const WEBHOOK_PATH = '/api/github/webhooks'
const TARGET_MS = 50
const PATIENCE_MS = 120_000

/** Attacks on a service that runs, each with the longest time that its event loop was busy with one thing. */
export async function benchHostile({ only, quick }: BenchOptions): Promise<BenchResult> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-hostile-'))
  const file = join(directory, 'loop.json')
  let steps: Step[] = []
  const next = () => steps.shift() ?? { text: 'Nothing more.' }
  const standIns = await startStandIns({ anthropic: next })
  const { github } = standIns
  const FILES = {
    'README.md': '# A repository\n',
    'lines.txt': Array.from({ length: 60_000 }, (_, index) => `a${(index * 104_729) % 65_537}`).join('\n'),
    '.github/backspace.yml': 'setup: "true"\nchecks: "test -f README.md"\nverify: off\n',
  }
  const settings = { '.github/backspace.yml': '{'.repeat(8000) }
  const collaborators = { ada: 'write', eve: 'read' } as const
  await github.createRepository({ owner: 'acme', name: 'bench', collaborators, files: FILES })
  await github.createRepository({ owner: 'acme', name: 'bomb', collaborators, files: settings })
  await github.createRepository({ owner: 'acme', name: 'verified', collaborators, files: VERIFIED_FILES })
  const { number } = await github.openIssue({ repo: 'acme/bench', author: 'ada', title: 'A bug' })
  const subject = await startSubject({
    ...standIns.env,
    LOG_LEVEL: 'info',
    DATA_DIR: directory,
    LOOP_FILE: file,
    BACKSPACE_VERIFY: 'full',
    NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'watch-loop.ts'))}`,
    BACKSPACE_RUNS_PER_HOUR: '10000',
    BACKSPACE_MAX_RUNS_PER_REPOSITORY: '10000',
    BACKSPACE_DAILY_USD_PER_REPOSITORY: '10000',
    BACKSPACE_DAILY_USD_PER_INSTALLATION: '10000',
  })
  const webhookUrl = `${subject.url}${WEBHOOK_PATH}`
  github.setWebhookTarget(webhookUrl)
  const target: Target = {
    url: subject.url,
    repoUrl: `${github.url}/acme/bench`,
    verifiedUrl: `${github.url}/acme/verified`,
    webhookUrl,
    webhookSecret: github.webhookSecret,
    async comment(author, bodies) {
      for (const body of bodies) await github.comment({ repo: 'acme/bench', number, author, body })
      await delay(3000)
    },
    run: (body) => runToItsEnd(subject.url, body),
    answerWith(given) {
      steps = [...given]
    },
  }
  const bomb = {
    name: 'braces in .github/backspace.yml',
    send: () => runToItsEnd(subject.url, { repoUrl: `${github.url}/acme/bomb`, prompt: 'x', agent: 'dummy' }),
  }
  const warmUp = {
    name: 'warm up',
    send: ATTACKS.find(({ name }) => name.startsWith('a glob'))?.send ?? bomb.send,
  }
  const chosen = [...ATTACKS, ...VERIFICATION_ATTACKS, bomb]
    .filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)))
    .filter((_, index) => !quick || index % 4 === 0)
  const measurements: Measurement[] = []
  try {
    await warmUp.send(target)
    for (const { name, send } of chosen) {
      process.stderr.write(`hostile: ${name}\n`)
      await longestBlock(subject, file)
      await send(target)
      await delay(300)
      const { cpuMs, collectionMs } = await longestBlock(subject, file)
      measurements.push({ name, variant: 'longest block', value: cpuMs, unit: 'ms', target: TARGET_MS })
      measurements.push({ name, variant: 'garbage collection in it', value: collectionMs, unit: 'ms' })
    }
  } finally {
    await subject.stop()
    await standIns.close()
    await rm(directory, { recursive: true, force: true })
  }
  return { measurements, leftOut: [] }
}

async function longestBlock({ pid }: Subject, file: string): Promise<LongestBlock> {
  const read = async () => JSON.parse(await readFile(file, 'utf8').catch(() => '{"count":0}')) as LongestBlock
  const before = await read()
  process.kill(pid, 'SIGUSR2')
  return await until(async () => {
    const now = await read().catch(() => before)
    return now.count > before.count ? now : undefined
  })
}

async function runToItsEnd(url: string, body: Readonly<Record<string, unknown>>): Promise<string> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  const answer = await fetch(`${url}/code`, {
    method: 'POST',
    headers: { ...headers, prefer: 'respond-async' },
    body: JSON.stringify(body),
  })
  const { runId } = (await answer.json()) as { readonly runId: string }
  // The stream of its events ends with the run.
  await (await fetch(`${url}/runs/${runId}/events`, { signal: AbortSignal.timeout(PATIENCE_MS) })).text()
  return runId
}

async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const patience = performance.now() + PATIENCE_MS
  while (performance.now() < patience) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await delay(100)
  }
  throw new Error(`It did not happen within ${PATIENCE_MS / 1000} s.`)
}
