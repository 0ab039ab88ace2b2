import { type Agent, get } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/** What one reader of a live stream saw. */
export interface Followed {
  /** From when an event happened until it was read, in milliseconds. */
  readonly delays: readonly number[]
  /** Numbers that came out of turn, or twice. */
  readonly gaps: number
  /** How often it came back after its stream had broken, as every client does. */
  readonly resumed: number
}

/** As streams say. */
const RETRY_MS = 2_000
/** Streams in a row that bring nothing: the service is gone. */
const MOST_EMPTY = 5

/** Reads a stream of events to the run's end; one that breaks is read on from where it was. */
export function followRun(
  url: string,
  agent: Agent,
): { readonly opened: Promise<void>; readonly end: Promise<Followed> } {
  const opened = Promise.withResolvers<void>()
  const delays: number[] = []
  let gaps = 0
  let last = 0
  let isOver = false

  function read(frame: string): void {
    const [, seq, at] = /"seq":(\d+),.*?"at":"([^"]+)"/s.exec(frame) ?? []
    if (seq === undefined || at === undefined) return // A comment that keeps the connection alive.
    if (Number(seq) !== last + 1) gaps++
    last = Number(seq)
    delays.push(Date.now() - Date.parse(at))
    isOver = /"type":"(?:success|error)"/.test(frame)
  }

  function readStream(): Promise<void> {
    const headers = { accept: 'text/event-stream', 'last-event-id': String(last) }
    return new Promise((resolve) => {
      let rest = ''
      const asked = get(url, { agent, headers }, (response) => {
        opened.resolve()
        response.setEncoding('utf8').on('data', (chunk: string) => {
          const frames = `${rest}${chunk}`.split('\n\n')
          rest = frames.pop() ?? ''
          for (const frame of frames) read(frame)
        })
        response.on('close', resolve)
      })
      asked.on('error', () => resolve())
    })
  }

  async function readAll(): Promise<Followed> {
    let resumed = -1
    for (let empty = 0; !isOver && empty < MOST_EMPTY; resumed++) {
      const before = last
      if (resumed >= 0) await delay(RETRY_MS)
      await readStream()
      empty = last === before ? empty + 1 : 0
    }
    opened.reject(new Error('no stream was opened'))
    return { delays, gaps, resumed }
  }
  return { opened: opened.promise, end: readAll() }
}
