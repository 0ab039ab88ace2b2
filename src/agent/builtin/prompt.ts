import type { Entry, HumanEntry, Transcript } from '../../models/transcript.ts'
import { type CheckEnding, checkEnding } from '../../text/check-ending.ts'
import { forModel } from '../../text/hidden-characters.ts'
import type { AgentTask, BaselineCheck, ThreadContext } from '../agent.ts'
import type { Surroundings } from '../look-around.ts'
import { boundText } from '../tools/bounded-output.ts'
import { quoteData } from './quote-data.ts'
import { repositoryMap } from './repository-map.ts'

const MAX_INSTRUCTIONS = 32 * 1024
const MAX_TAIL = 3000

/**
 * The first message, with everything that is specific to a run: environment, map of the repository, instructions, checks,
 * thread, images, and the request at the end.
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
    ...mergeSection(task, nonce),
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

/** A line in the first message of each run, by which a restart is distinguished from a follow-up run. */
export function runMarker(task: Pick<AgentTask, 'runId'>): string {
  return `run: ${task.runId}`
}

/** The entries of this run alone, without those of the run that it continues. */
export function entriesOfRun({ entries }: Transcript, task: Pick<AgentTask, 'runId'>): readonly Entry[] {
  const start = entries.findIndex((entry) => holdsLine(entry, runMarker(task)))
  return start === -1 ? [] : entries.slice(start)
}

function holdsLine(entry: Entry, line: string): boolean {
  if (entry.role !== 'user') return false
  return entry.parts.some((part) => part.type === 'text' && part.text.split('\n').includes(line))
}

/** The request, with which a message ends. */
export function request({ requester, prompt, thread, plan, earlier }: AgentTask): string {
  const text = forModel(prompt).trim()
  const what = text || `Do what ${thread ? nameOf(thread) : 'the repository'} asks for.`
  const asked = `The request, from ${requester}:\n\n${what}`
  const before = earlier ? [`This run continues an earlier one, which ended like this: ${earlier}`] : []
  return [...before, asked, ...(plan ? [PLAN_REQUEST] : [])].join('\n\n')
}

function environment(task: AgentTask, { system, commands }: Surroundings, date: Date): string {
  const { limits, network } = task
  return [
    runMarker(task),
    `repository: ${task.repository}, branch ${task.baseBranch} at ${task.baseSha}`,
    `workspace: ${task.workspace}`,
    ...(task.history === undefined ? [] : [`history: ${task.history}`]),
    ...(task.keptApart ?? []),
    `date: ${date.toISOString().slice(0, 10)}`,
    `system: ${system || 'unknown'}; has ${commands.join(' ') || 'no known tools'}`,
    `network: ${network.length === 0 ? 'none' : `only ${network.join(', ')}`}`,
    `dependencies: ${task.setup}`,
    ...(task.conventions ?? []).map((hint) => `convention: ${hint}`),
    `limits: ${limits.steps} steps, ${limits.minutes} minutes, $${limits.usd}, ${limits.tokens} tokens`,
  ].join('\n')
}

/** The instructions of the repository. They rank below the system prompt and above the thread. */
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
    .map((check) => {
      const { command, exitCode, durationMs, tail } = check
      const line = `${command}: exit ${exitCode}, ${(durationMs / 1000).toFixed(1)} s${NO_RESULT[checkEnding(check)] ?? ''}`
      if (exitCode === 0 || tail.trim() === '') return line
      return `${line}\n${quoteData({ source: `output of ${command}`, text: boundText(tail, MAX_TAIL), nonce })}`
    })
    .join('\n')
}

/** Explains an ending for which an exit code says too little. The command's output is quoted below it. */
const NO_RESULT: { readonly [Ending in CheckEnding]?: string } = {
  cannot_run: ' (it could not run: something that it needs is not installed)',
  did_not_end: ' (it did not end and was stopped: it may be a watcher or a server)',
  not_started: ' (no time was left for it)',
}

function section(name: string, text: string): string {
  return `<${name}>\n${text}\n</${name}>`
}

const MAX_BODY = 24 * 1024
const MAX_PATCHES = 16 * 1024
const MAX_PATCH = 4 * 1024

/** The issue or pull request in which the request was made: its text, its changes, earlier comments. */
function threadSection({ thread, prompt }: AgentTask, nonce: string): string[] {
  if (!thread) return []
  const { comments = [], leftOut = [], changes } = thread
  return [
    `The request was made in ${nameOf(thread)}:\n${quoteData({ ...firstText(thread, prompt), nonce })}`,
    ...(changes ? [describeChanges(changes, nonce)] : []),
    ...(comments.length === 0
      ? []
      : [
          ['Earlier comments there, by people with write access:', ...comments.map(quoteComment(nonce))].join(
            '\n',
          ),
        ]),
    ...(leftOut.length === 0 ? [] : [`Not shown: ${leftOut.join('; ')}.`]),
  ]
}

const MAX_CONFLICTS = 8 * 1024

/** The host's note on a merge that it began; empty when the run does not merge. */
export function mergeSection({ merge }: AgentTask, nonce: string): string[] {
  if (!merge) return []
  const { note, conflicts } = merge
  const text = boundText(conflicts, MAX_CONFLICTS)
  const list = text === '' ? [] : [quoteData({ source: 'files in conflict', text, nonce })]
  return [section('merge', [note, ...list].join('\n'))]
}

function nameOf({ kind, number }: Pick<ThreadContext, 'kind' | 'number'>): string {
  return `${kind === 'issue' ? 'issue' : 'pull request'} #${number}`
}

function firstText(thread: ThreadContext, prompt: string): { source: string; text: string } {
  const body = thread.body.trim()
  const adopted = body !== '' && prompt.includes(body)
  const author = `${thread.author}${thread.trusted ? '' : ', who has no write access'}`
  return {
    source: `${nameOf(thread)}, by ${author}`,
    text: `${thread.title}\n\n${adopted ? '(its text is the request below)' : boundText(body, MAX_BODY)}`,
  }
}

function quoteComment(nonce: string) {
  return ({ author, at, place, text }: NonNullable<ThreadContext['comments']>[number]): string => {
    const where = place === undefined ? '' : `, on ${place}`
    return quoteData({ source: `comment by ${author}, ${at.slice(0, 16)}Z${where}`, text, nonce })
  }
}

function describeChanges(
  { base, head, files }: NonNullable<ThreadContext['changes']>,
  nonce: string,
): string {
  const list = files.map(
    ({ path, status, additions, deletions }) => `${status} ${path} +${additions} -${deletions}`,
  )
  const patches: string[] = []
  let left = MAX_PATCHES
  for (const { path, patch } of files) {
    if (patch === undefined || left < Math.min(patch.length, MAX_PATCH)) continue
    const shown = boundText(patch, MAX_PATCH)
    left -= shown.length
    patches.push(`--- ${path}\n${shown}`)
  }
  const cut = patches.length < files.length ? '\nThe diffs of the other files are not shown.' : ''
  const text = [list.join('\n'), ...patches].join('\n\n')
  return `It asks to merge ${head} into ${base}; the workspace is at ${head}. What it changes so far:\n${quoteData({ source: 'the diff', text, nonce, isFileText: true })}${cut}`
}

/** Follows the request in a run that only plans. */
const PLAN_REQUEST = `This run makes a plan and changes nothing: there are no tools to change or run anything. Read as much as you need to be sure. Then call finish with "done" and, as the summary, the plan in Markdown: what to change in which files and why, in order, how to test it, and what could go wrong. A person approves it or not; it is then carried out from here. With "no_change" the summary explains why nothing has to be done.`
