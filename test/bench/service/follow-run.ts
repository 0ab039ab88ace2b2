import { type Agent, get } from 'node:http'

/** What one reader of a live stream saw. */
export interface Followed {
  /** From when an event happened until it was read, in milliseconds. */
  readonly delays: readonly number[]
  /** Numbers that came out of turn, or twice. */
  readonly gaps: number
}

/** Reads a stream of events to its end. */
export function followRun(
  url: string,
  agent: Agent,
): { readonly opened: Promise<void>; readonly end: Promise<Followed> } {
  const opened = Promise.withResolvers<void>()
  const end = new Promise<Followed>((resolve, reject) => {
    const delays: number[] = []
    let gaps = 0
    let last = 0
    let rest = ''
    const read = (frame: string) => {
      const [, seq, at] = /"seq":(\d+),.*?"at":"([^"]+)"/s.exec(frame) ?? []
      if (seq === undefined || at === undefined) return // A comment that keeps the connection alive.
      if (Number(seq) !== last + 1) gaps++
      last = Number(seq)
      delays.push(Date.now() - Date.parse(at))
    }
    const asked = get(url, { agent, headers: { accept: 'text/event-stream' } }, (response) => {
      opened.resolve()
      response.setEncoding('utf8').on('data', (chunk: string) => {
        const frames = `${rest}${chunk}`.split('\n\n')
        rest = frames.pop() ?? ''
        for (const frame of frames) read(frame)
      })
      response.on('close', () => resolve({ delays, gaps }))
    })
    asked.on('error', reject)
    asked.on('error', opened.reject)
  })
  return { opened: opened.promise, end }
}
