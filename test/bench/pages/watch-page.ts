import { type Agent, get } from 'node:http'
import { gunzipSync } from 'node:zlib'

export interface FetchedPage {
  readonly html: string
  /** Bytes on the wire, compressed. */
  readonly wire: number
  readonly ms: number
}

/** Asks for a page as a browser does. */
export function fetchPage(url: string): Promise<FetchedPage> {
  const startedAt = performance.now()
  return new Promise((resolve, reject) => {
    const headers = { accept: 'text/html', 'accept-encoding': 'gzip' }
    get(url, { headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        const bytes = Buffer.concat(chunks)
        const isCompressed = answer.headers['content-encoding'] === 'gzip'
        const html = (isCompressed ? gunzipSync(bytes) : bytes).toString('utf8')
        resolve({ html, wire: bytes.length, ms: performance.now() - startedAt })
      })
    }).on('error', reject)
  })
}

export interface PageReader {
  readonly opened: Promise<void>
  /** Number of the last event that was seen. */
  seq(): number
  /** Bytes that were received. */
  bytes(): number
  close(): void
}

/** Follows a page as its script does. */
export function watchPage(url: string, agent: Agent): PageReader {
  const opened = Promise.withResolvers<void>()
  let last = 0
  let bytes = 0
  const asked = get(url, { agent, headers: { accept: 'text/event-stream' } }, (answer) => {
    opened.resolve()
    answer.setEncoding('utf8').on('data', (chunk: string) => {
      bytes += chunk.length
      for (const [, seq] of chunk.matchAll(/^id: (\d+)$/gm)) last = Number(seq)
    })
  })
  asked.on('error', opened.reject)
  return { opened: opened.promise, seq: () => last, bytes: () => bytes, close: () => asked.destroy() }
}
