import { setTimeout as delay } from 'node:timers/promises'
import type { WriteStream } from 'node:tty'
import { BackspaceApiError, type BackspaceClient } from '../../../client/create-client.ts'
import { BackspaceError } from '../../../errors.ts'
import { type Monitored, monitorLines } from '../views/monitor-view.ts'
import { createPaint } from '../views/paint.ts'
import { PATIENCE } from '../views/patience.ts'
import { retryText } from '../views/waits.ts'
import { connect, type ReachedService, refusalOf } from './reached-service.ts'

type Output = NodeJS.WritableStream & Partial<Pick<WriteStream, 'columns' | 'isTTY' | 'rows'>>

interface ServiceView {
  readonly output: Output
  /** Where the command says that the service does not answer, if there is no screen. */
  readonly words: NodeJS.WritableStream
  /** `owner/name`, to show figures of this repository alone. */
  readonly repository?: string | undefined
  readonly everyMs: number
  readonly json: boolean
  /** Aborts when the person quits. */
  readonly left: AbortSignal
}

/**
 * Reads how often to refresh, in milliseconds. The value has a maximum, because a timer of Node that is too long fires at once.
 *
 * @param text seconds, as typed.
 * @throws {BackspaceError} `bad_request` for anything but a number of seconds in range.
 */
export function readInterval(text: string): number {
  const seconds = /^\d{1,4}(?:\.\d{1,3})?$/.test(text.trim()) ? Number(text) : 0
  if (seconds >= 1 && seconds <= 3600) return seconds * 1000
  throw new BackspaceError('bad_request', '--every must be a number of seconds, from 1 to 3600: --every 10')
}

const SHOWN = 12
/** Most queued runs whose reason for waiting is shown, because each takes a request. */
const EXPLAINED = 6

/**
 * Shows what a service is doing. On a terminal, it refreshes until the person quits; elsewhere, it prints once.
 *
 * @throws {BackspaceError} with the service's reason; `unavailable` if the service does not answer.
 */
export async function showService(service: ReachedService, view: ServiceView): Promise<void> {
  const { output, words, repository, everyMs, json, left } = view
  const isLive = output.isTTY === true && !json
  const screen = isLive ? openScreen(output) : undefined
  const { client, patience } = connect(service, {
    // A person may open the screen before the service has started.
    firstPatience: isLive ? PATIENCE : undefined,
    onRetry(retry) {
      const { what, times } = retryText(retry, Date.now())
      if (screen) screen.draw([`${what}${times}`])
      else words.write(`${what}${times}\n`)
    },
  })
  const draw = (monitored: Monitored) =>
    monitorLines(monitored, {
      paint: createPaint(output),
      width: isLive ? (output.columns ?? 80) : Number.POSITIVE_INFINITY,
    })
  let last: Monitored | undefined
  try {
    do {
      last = { url: service.url, at: new Date(), ...(await read(client, { repository, signal: left })) }
      screen?.draw(draw(last))
      if (screen) await delay(everyMs, undefined, { signal: left })
    } while (screen)
  } catch (error) {
    if (!left.aborted) {
      if (!(error instanceof BackspaceApiError)) throw error
      throw refusalOf(error, { url: service.url, advice: patience.advice() })
    }
  } finally {
    screen?.close()
  }
  if (last) output.write(json ? `${JSON.stringify(last)}\n` : `${draw(last).join('\n')}\n`)
}

interface Asked {
  readonly repository: string | undefined
  readonly signal: AbortSignal
}

async function read(
  client: BackspaceClient,
  { repository, signal }: Asked,
): Promise<Omit<Monitored, 'url' | 'at'>> {
  const call = { signal }
  const list = async (status: 'running' | 'queued', limit: number) =>
    (await client.list({ status, repository, limit }, call)).runs
  const stats = await client.stats({ days: 1, repository }, call)
  const running = stats.live.running === 0 ? [] : await list('running', SHOWN)
  const waiting = stats.live.queued === 0 ? [] : await list('queued', 100)
  const queued = []
  for (const { id } of waiting.toReversed().slice(0, EXPLAINED)) queued.push(await client.get(id, call))
  return { stats, running, queued }
}

/** Takes over the whole terminal until it is closed, which restores what was there before. */
function openScreen(output: Output): { draw(lines: readonly string[]): void; close(): void } {
  output.write('\u001b[?1049h\u001b[?25l')
  return {
    draw(lines) {
      const shown = lines.slice(0, Math.max(5, (output.rows ?? 24) - 1))
      output.write(`\u001b[H${shown.map((line) => `${line}\u001b[K`).join('\r\n')}\u001b[J`)
    },
    close: () => void output.write('\u001b[?25h\u001b[?1049l'),
  }
}
