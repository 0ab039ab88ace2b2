import type { HumanEntry } from '../../models/transcript.ts'
import type { AgentTask, BaselineCheck } from '../agent.ts'
import type { Surroundings } from '../look-around.ts'
import { removeInvisible } from '../remove-invisible.ts'
import { boundText } from '../tools/bound-text.ts'
import { PLAN_REQUEST } from './plan-gate.ts'
import { quoteData } from './quote-data.ts'
import { repositoryMap } from './repository-map.ts'
import { nameOf, threadSection } from './thread-section.ts'

const MAX_INSTRUCTIONS = 32 * 1024
const MAX_TAIL = 3000

/**
 * All that is particular to a run, in the order from what is stable to what is asked: environment, map,
 * instructions, checks, thread, images, and the request last.
 */
export function firstMessage(given: {
  readonly task: AgentTask
  readonly surroundings: Surroundings
  readonly date: Date
  readonly nonce: string
}): HumanEntry {
  const { task, surroundings, date, nonce } = given
  const sections = [
    section('environment', environment(task, surroundings, date)),
    section('repository_map', repositoryMap(surroundings.files, surroundings.fileCount)),
    ...instructions(task, nonce),
    section('checks_before', checksBefore(task.baseline, nonce)),
    ...threadSection(task, nonce),
  ]
  return {
    role: 'user',
    parts: [
      { type: 'text', text: sections.join('\n\n') },
      ...task.images,
      { type: 'text', text: request(task) },
    ],
  }
}

/** Stands in the first message of each run, so that a restart is told from a follow-up run. */
export function runMarker(task: Pick<AgentTask, 'runId'>): string {
  return `run: ${task.runId}`
}

/** The request alone, as the end of a message. */
export function request({ requester, prompt, thread, plan, earlier }: AgentTask): string {
  const text = removeInvisible(prompt).trim()
  const what = text || `Do what ${thread ? nameOf(thread) : 'the repository'} asks for.`
  const asked = `The request, from ${requester}:\n\n${what}`
  const before = earlier ? [`An earlier run, which this one goes on from, ended so: ${earlier}`] : []
  return [...before, asked, ...(plan ? [PLAN_REQUEST] : [])].join('\n\n')
}

function environment(task: AgentTask, { system, commands }: Surroundings, date: Date): string {
  const { limits, network } = task
  return [
    runMarker(task),
    `repository: ${task.repository}, branch ${task.baseBranch} at ${task.baseSha}`,
    `workspace: ${task.workspace}`,
    `date: ${date.toISOString().slice(0, 10)}`,
    `system: ${system || 'unknown'}; has ${commands.join(' ') || 'no known tools'}`,
    `network: ${network.length === 0 ? 'none' : `only ${network.join(', ')}`}`,
    `dependencies: ${task.setup}`,
    `limits: ${limits.steps} steps, ${limits.minutes} minutes, $${limits.usd}, ${limits.tokens} tokens`,
  ].join('\n')
}

/** Those of the repository's owners: they count, below the system prompt and above the thread. */
function instructions(task: AgentTask, nonce: string): string[] {
  let left = MAX_INSTRUCTIONS
  return task.instructions.flatMap(({ path, text }) => {
    const shown = text.length <= left ? text : `${text.slice(0, left)}\n[cut: read ${path} for the rest]`
    if (left <= 0 || text.trim() === '') return []
    left -= shown.length
    return [`Instructions of the repository:\n${quoteData({ source: path, text: shown, nonce })}`]
  })
}

function checksBefore(baseline: readonly BaselineCheck[], nonce: string): string {
  if (baseline.length === 0) return 'None were found. Look for how this repository is tested.'
  return baseline
    .map(({ command, exitCode, durationMs, tail }) => {
      const line = `${command}: exit ${exitCode}, ${(durationMs / 1000).toFixed(1)} s`
      if (exitCode === 0 || tail.trim() === '') return line
      return `${line}\n${quoteData({ source: `output of ${command}`, text: boundText(tail, MAX_TAIL), nonce })}`
    })
    .join('\n')
}

function section(name: string, text: string): string {
  return `<${name}>\n${text}\n</${name}>`
}
