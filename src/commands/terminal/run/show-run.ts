import { z } from 'zod'
import { createClient } from '../../../client/create-client.ts'
import { watchInterrupts } from '../views/interrupts.ts'
import { createPaint, oneLine, type Paint } from '../views/paint.ts'
import { createScreen, type Output, type Screen } from '../views/screen.ts'
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.ts'
import { followRun } from './follow-run.ts'
import type { ReceivedFrame } from './received-frame.ts'

/** A run, by the addresses that this machine uses. */
export interface ShownAt {
  /** Page and JSON of the run. */
  readonly runUrl: string
  readonly token: string | undefined
}

export interface Places {
  /** Where the run is shown. */
  readonly output: Output
  /** Where everything else is printed. It is the same screen, unless frames are printed. */
  readonly words: Output
  /** Whether to print frames, one JSON object per line, instead of text for people. */
  readonly json: boolean
}

interface ShowOptions extends Places {
  readonly screen?: Screen | undefined
  /** Whether the Backspace runs in this process, so that it ends with this command. */
  readonly inThisProcess?: boolean | undefined
  /** Stops the run when the person asks for it after Ctrl-C. Returns why that is not possible. */
  readonly stop?: (() => Promise<string | undefined>) | undefined
}

/**
 * Shows a run until it ends or the person detaches.
 *
 * @throws {BackspaceError} if the service refuses, or stays away.
 */
export async function showRun(at: ShownAt, options: ShowOptions): Promise<ExitCode> {
  const { runUrl, token } = at
  const { output, words, json, stop, inThisProcess = false } = options
  const paint = createPaint(words)
  const screen = options.screen ?? wordsScreen(words)
  const interrupts = watchInterrupts({
    screen,
    leaving: inThisProcess ? 'detach until Backspace starts again' : 'detach, the run continues',
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

/** Shows lines for people, with what is going on as the last line. */
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
  return `  Detached; the run continues. To watch it again:\n    npm run watch -- ${runUrl}\n`
}

const shownRun = z.object({
  receiptUrl: z
    .url({ protocol: /^https?$/ })
    .nullish()
    .catch(null),
  waiting: z.object({ position: z.number(), message: z.string() }).nullish().catch(null),
})

/** The run as the service returns it now; undefined if the service does not return it at once. */
async function readRun({ runUrl, token }: ShownAt): Promise<z.infer<typeof shownRun> | undefined> {
  const [, url = '', runId = ''] = /^(.*)\/runs\/([\w-]+)$/.exec(runUrl) ?? []
  const run: unknown = await createClient({ url, token, retryForMs: 0 })
    .get(runId)
    .catch(() => undefined)
  return shownRun.safeParse(run).data
}

/** The results of the run, each on its own line, so that they are easy to copy. */
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
