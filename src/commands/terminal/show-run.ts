import { z } from 'zod'
import { createClient } from '../../client/create-client.ts'
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.ts'
import { followRun } from './follow-run.ts'
import { watchInterrupts } from './interrupts.ts'
import { createPaint, oneLine, type Paint } from './paint.ts'
import type { ReceivedFrame } from './received-frame.ts'
import { createScreen, type Output, type Screen } from './screen.ts'

/** A run at the address that this machine uses. */
export interface ShownAt {
  /** Page and JSON of the run. */
  readonly runUrl: string
  readonly token: string | undefined
}

export interface Places {
  /** For the run. */
  readonly output: Output
  /** For all else: the same, unless frames are printed. */
  readonly words: Output
  /** Prints frames, one JSON object per line. */
  readonly json: boolean
}

interface ShowOptions extends Places {
  readonly screen?: Screen | undefined
  /** Backspace ends with this command. */
  readonly inThisProcess?: boolean | undefined
  /** What the person may do on Ctrl-C beside leaving. Returns why it is not possible. */
  readonly stop?: (() => Promise<string | undefined>) | undefined
}

/**
 * Shows a run until it ends or the person leaves.
 *
 * @throws {BackspaceError} when the service refuses, or stays away.
 */
export async function showRun(at: ShownAt, options: ShowOptions): Promise<ExitCode> {
  const { runUrl, token } = at
  const { output, words, json, stop, inThisProcess = false } = options
  const paint = createPaint(words)
  const screen = options.screen ?? wordsScreen(words)
  const interrupts = watchInterrupts({
    screen,
    leaving: inThisProcess ? 'leave, it goes on when Backspace starts' : 'detach, it goes on',
    stop: stop && (() => void stopAndSay(stop, screen)),
  })
  try {
    const last = await followRun(`${runUrl}/events`, {
      output,
      token,
      json,
      screen,
      signal: interrupts.left,
      question: interrupts.question,
      readWaiting: async () => (await readRun(at))?.waiting ?? undefined,
    })
    words.write(await conclude(last, { ...at, paint }))
    return exitCodeOf(last)
  } catch (error) {
    if (!interrupts.left.aborted) throw error
    screen.print(inThisProcess ? LEFT_WITH_SERVICE : leftText(runUrl))
    return EXIT.detached
  } finally {
    interrupts.close()
  }
}

/** Lines for people, and what is going on as the last of them. */
export function wordsScreen(words: Output): Screen {
  const paint = createPaint(words)
  return createScreen(words, (text) => paint('dim', text))
}

async function stopAndSay(stop: () => Promise<string | undefined>, screen: Screen): Promise<void> {
  screen.print('  Stopping the run.\n')
  const problem = await stop()
  if (problem !== undefined) screen.print(`  The run was not stopped: ${problem}\n`)
}

const LEFT_WITH_SERVICE =
  '  You left, and Backspace ends with this command. The run goes on when it starts again: npm start\n'

function leftText(runUrl: string): string {
  return `  You left; the run goes on. To watch it again:\n    npm run watch -- ${runUrl}\n`
}

const shownRun = z.object({
  receiptUrl: z
    .url({ protocol: /^https?$/ })
    .nullish()
    .catch(null),
  waiting: z.object({ position: z.number(), message: z.string() }).nullish().catch(null),
})

/** What the service says about a run now; undefined if it does not answer with a run at once. */
async function readRun({ runUrl, token }: ShownAt): Promise<z.infer<typeof shownRun> | undefined> {
  const [, url = '', runId = ''] = /^(.*)\/runs\/([\w-]+)$/.exec(runUrl) ?? []
  const run: unknown = await createClient({ url, token, retryForMs: 0 })
    .get(runId)
    .catch(() => undefined)
  return shownRun.safeParse(run).data
}

/** What came out of it, on lines of its own, so that it is easy to copy. */
async function conclude(
  last: ReceivedFrame | undefined,
  { runUrl, token, paint }: ShownAt & { readonly paint: Paint },
): Promise<string> {
  const lines: string[] = []
  if (last?.type === 'success') {
    const { outcome, pr_url, comment_url } = last.extra_data
    if (pr_url) lines.push(`pull request: ${oneLine(pr_url)}`)
    else if (comment_url) lines.push(`answer: ${oneLine(comment_url)}`)
    if (outcome === 'question') {
      const id = runUrl.split('/').at(-1)
      lines.push(`To answer: npm run code -- --repo <repository> --continue ${id} --prompt "<your answer>"`)
    }
    if (outcome === 'plan') lines.push(`To have it carried out, approve it at ${runUrl}`)
  }
  const receipt = (await readRun({ runUrl, token }))?.receiptUrl
  if (receipt) lines.push(paint('dim', `signed receipt: npm run verify -- ${oneLine(receipt)}`))
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`
}
