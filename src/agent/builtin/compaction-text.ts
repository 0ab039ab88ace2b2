import { boundText } from '../tools/bound-text.ts'
import { quoteData } from './quote-data.ts'

/** What the model is asked before what it has seen so far is taken away. */
export const SUMMARY_REQUEST = `The conversation is becoming too long to be sent, and goes on from a summary that you write now. You will see the first message again, what people and the harness added since, and this summary: nothing else. Files stay as they are. Call no tool. Answer with the summary alone, at most 1,000 words, under these headings:
Goal - what was asked for, in your words.
Constraints - what people, the repository's instructions and the code demand.
Done - what stands in the files, by path.
In progress - what is half made, and where.
Decisions - what you chose, and why.
Failures - what did not work, so that it is not tried again.
Next - the next steps, in order.
Files touched - paths, with a word on each.
Checks - which commands ran, and with what result; what has not run since the last edit.`

/** About 1,500 tokens; a model that says more is cut. */
const MAX_SUMMARY = 8000
const MAX_STAT = 4000
const MAX_EARLIER = 8000
const MAX_RESULT = 1500

/** What the host knows of the work, whatever the model says. */
export interface KnownWork {
  /** `git status` and `git diff --stat`, as git prints them. */
  readonly stat: string
  /** The plan's items with their status, one line each. */
  readonly plan: readonly string[]
}

/** What a new segment says about the one before it, when the model wrote the summary. */
export function summaryNote(summary: string, known: KnownWork, nonce: string): string {
  return [
    'The conversation was too long to be sent and starts anew here. This is the summary of it that you wrote:',
    quoteData({ source: 'your summary', text: boundText(summary, MAX_SUMMARY), nonce }),
    ...knownWork(known, nonce),
    GO_ON,
  ].join('\n')
}

/** The same, put together by the host when the model could not write one. */
export function plainSummaryNote(
  {
    earlier,
    results,
    ...known
  }: KnownWork & {
    /** What an earlier compaction said; empty when this is the first. */
    readonly earlier: string
    /** What the last tools answered, oldest first. */
    readonly results: readonly string[]
  },
  nonce: string,
): string {
  return [
    'The conversation was too long to be sent and starts anew here. You could not write a summary, so this is what the harness knows:',
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
  'What you had read is not shown any more: read again what you need. Look at git diff before you edit, then go on.'

function knownWork({ stat, plan }: KnownWork, nonce: string): string[] {
  return [
    ...(plan.length === 0 ? [] : ['Your plan:', ...plan]),
    stat.trim() === ''
      ? 'Git says that no file is changed.'
      : quoteData({ source: 'git status and git diff --stat', text: boundText(stat, MAX_STAT), nonce }),
  ]
}
