import { estimateTokens } from '../../models/estimate-tokens.ts'
import type { Model, ToolSchema } from '../../models/model.ts'
import {
  type Entry,
  type HarnessEntry,
  type HumanEntry,
  segmentOf,
  segmentStart,
  type Transcript,
} from '../../models/transcript.ts'
import type { PlanItem } from '../agent-event.ts'
import { LOOKING } from '../look-around.ts'
import { boundText } from '../tools/bounded-output.ts'
import type { AgentRun } from './agent-run.ts'
import { quoteData } from './quote-data.ts'
import { takeTurn, textOf } from './take-turn.ts'
import { skipCalls } from './toolbox.ts'

const MAX_STAT_BYTES = 32 * 1024

/**
 * Begins a new segment of the transcript, which starts from a summary. The earlier entries stay in the stored transcript.
 *
 * @param parts.summariser the model that writes the summary; undefined when the conversation is already too long to be
 * sent, so that the host writes it.
 * @param parts.nonce marks where quoted text begins and ends.
 * @throws {SandboxError} when the sandbox is lost; the reason of the run's signal.
 */
export async function compact(
  run: AgentRun,
  parts: {
    readonly summariser: Model | undefined
    readonly tools: readonly ToolSchema[]
    readonly plan: readonly PlanItem[]
    readonly nonce: string
  },
): Promise<void> {
  const { context, writer } = run
  const { summariser, tools, plan, nonce } = parts
  const tokensBefore = estimateTokens(writer.transcript())
  const summary = summariser && (await askForSummary(summariser, run, tools))
  context.signal.throwIfAborted()
  const stat = await readStat(run)
  // Stored as one piece, since a restart from a segment without its summary would not know what was done.
  await writer.append(compactTranscript(writer.transcript(), { summary, stat, plan, nonce }))
  context.emit({
    type: 'context.compacted',
    number: countCompactions(writer.transcript()),
    summaryBy: summary ? 'model' : 'host',
    tokensBefore,
    tokensAfter: estimateTokens(writer.transcript()),
  })
}

/** Asks the model for a summary at the end of the old segment; undefined when the model wrote none. */
async function askForSummary(
  model: Model,
  run: AgentRun,
  tools: readonly ToolSchema[],
): Promise<string | undefined> {
  run.writer.add({
    role: 'harness',
    about: 'compaction',
    parts: [{ type: 'text', text: SUMMARY_REQUEST }],
  })
  const turn = await takeTurn(model, run, { tools, wordsOnly: true })
  if ('reason' in turn) return undefined
  skipCalls(turn, run, 'Not carried out: only a summary was asked for.')
  return turn.origin.stop === 'refusal' ? undefined : textOf(turn) || undefined
}

/** `git status` and `git diff --stat` since the base commit; empty when git fails. */
async function readStat({ context: { sandbox, signal }, task, usage }: AgentRun): Promise<string> {
  const startedAt = usage.now()
  const script = `git status --short -uall | head -n 100; git diff --stat --no-ext-diff ${task.baseSha} | tail -n 60`
  const result = await sandbox.exec(script, {
    cwd: task.workspace,
    env: LOOKING,
    signal,
    timeoutMs: 60_000,
    maxOutputBytes: MAX_STAT_BYTES,
  })
  usage.addTools(usage.now() - startedAt, 0)
  return result.stdout
}

const LAST_RESULTS = 3

/** How often a transcript was compacted: its number of segments, minus one. */
export function countCompactions({ entries }: Transcript): number {
  return entries.filter((entry) => entry.role === 'user' && entry.startsSegment).length
}

/**
 * The entries of a new segment: the first message, what people and the harness have said since, and a summary of the
 * rest. It has no model turn, so no reasoning of a model can end up out of context.
 *
 * @param given.summary the model's summary; undefined when the model wrote none.
 * @param given.stat output of `git status` and `git diff --stat`.
 */
function compactTranscript(
  transcript: Transcript,
  given: {
    readonly summary: string | undefined
    readonly stat: string
    readonly plan: readonly PlanItem[]
    readonly nonce: string
  },
): readonly Entry[] {
  const [first, ...later] = segmentOf(transcript)
  const begin: HumanEntry = {
    role: 'user',
    startsSegment: true,
    parts: first?.role === 'user' ? first.parts : [],
  }
  return [begin, ...later.filter(isKept), summaryEntry(transcript, given)]
}

function isKept(entry: Entry): boolean {
  return entry.role === 'user' || (entry.role === 'harness' && entry.about !== 'compaction')
}

function summaryEntry(
  transcript: Transcript,
  { summary, stat, plan, nonce }: Parameters<typeof compactTranscript>[1],
): HarnessEntry {
  const known = { stat, plan: plan.map(({ status, text }) => `- ${text} (${status.replace('_', ' ')})`) }
  const text = summary
    ? summaryNote(summary, known, nonce)
    : plainSummaryNote(
        { ...known, earlier: earlierSummary(transcript), results: lastResults(transcript) },
        nonce,
      )
  return { role: 'harness', about: 'compaction', parts: [{ type: 'text', text }] }
}

/** The summary with which the current segment began; empty in the first segment. */
function earlierSummary(transcript: Transcript): string {
  if (segmentStart(transcript) === 0) return ''
  const note = segmentOf(transcript).find((entry) => entry.role === 'harness' && entry.about === 'compaction')
  return note?.role === 'harness' ? note.parts.map(({ text }) => text).join('\n') : ''
}

function lastResults(transcript: Transcript): string[] {
  return segmentOf(transcript)
    .flatMap((entry) => (entry.role === 'tool' ? entry.parts.map(({ text }) => text) : []))
    .slice(-LAST_RESULTS)
}

/** Asks the model for a summary, before its earlier messages are dropped. */
const SUMMARY_REQUEST = `The conversation is becoming too long to be sent, and goes on from a summary that you write now. You will see the first message again, what people and the harness added since, and this summary: nothing else. Files stay as they are. Call no tool. Answer with the summary alone, at most 1,000 words, under these headings:
Goal - what was asked for, in your words.
Constraints - what people, the repository's instructions and the code demand.
Done - what is in the files, by path.
In progress - what is half done, and where.
Decisions - what you chose, and why.
Failures - what did not work, so that it is not tried again.
Next - the next steps, in order.
Files touched - paths, with a word on each.
Checks - which commands ran, and with what result; what has not run since the last edit.`

/** Characters, about 1,500 tokens; a longer summary is cut. */
const MAX_SUMMARY = 8000
const MAX_STAT = 4000
const MAX_EARLIER = 8000
const MAX_RESULT = 1500

/** What the host itself knows about the work. */
interface KnownWork {
  /** `git status` and `git diff --stat`, as git prints them. */
  readonly stat: string
  /** The plan's items with their status, one line each. */
  readonly plan: readonly string[]
}

/** The first note of a new segment, when the model wrote the summary. */
function summaryNote(summary: string, known: KnownWork, nonce: string): string {
  return [
    'The conversation was too long to be sent and restarts here. This is the summary that you wrote of it:',
    quoteData({ source: 'your summary', text: boundText(summary, MAX_SUMMARY), nonce }),
    ...knownWork(known, nonce),
    GO_ON,
  ].join('\n')
}

/** The first note of a new segment, when the host had to write the summary. */
function plainSummaryNote(
  {
    earlier,
    results,
    ...known
  }: KnownWork & {
    /** The summary of an earlier compaction; empty when this is the first one. */
    readonly earlier: string
    /** The last tool results, oldest first. */
    readonly results: readonly string[]
  },
  nonce: string,
): string {
  return [
    'The conversation was too long to be sent and restarts here. You could not write a summary, so this is what the harness knows:',
    ...(earlier === ''
      ? []
      : [quoteData({ source: 'an earlier summary', text: boundText(earlier, MAX_EARLIER), nonce })]),
    ...knownWork(known, nonce),
    ...results.map((text, index) =>
      quoteData({
        source: `result ${index + 1} of the last ${results.length}`,
        text: boundText(text, MAX_RESULT),
        nonce,
      }),
    ),
    GO_ON,
  ].join('\n')
}

const GO_ON =
  'What you had read is no longer shown: read again what you need. Look at git diff before you edit, then go on.'

function knownWork({ stat, plan }: KnownWork, nonce: string): string[] {
  return [
    ...(plan.length === 0 ? [] : ['Your plan:', ...plan]),
    stat.trim() === ''
      ? 'Git shows no changed file.'
      : quoteData({ source: 'git status and git diff --stat', text: boundText(stat, MAX_STAT), nonce }),
  ]
}
