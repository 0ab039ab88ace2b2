import { request } from 'node:http'
import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RunEvent, RunEventBody } from '../../../src/runs/run-event.ts'
import { createRedact } from '../../../src/secrets/redact.ts'
import { createEventStream } from '../../../src/web/stream/event-stream.ts'
import { createShowEvent } from '../../../src/web/stream/show-event.ts'
import { createWireMapper } from '../../../src/web/stream/wire-event.ts'
import { BODIES, eventsOf, SUCCESS } from '../a-run.ts'
import { EVERY_EVENT } from '../every-event.ts'
import { framesOf, serveWeb, useDatabase } from '../serve-web.ts'

const database = useDatabase()

/** What ends a line, an event or a text for some parser, and what no text should hold. */
const PIECE = fc.oneof(
  fc.constantFrom(
    '\n',
    '\r',
    '\r\n',
    '\n\n',
    '\r\r',
    '\u2028',
    '\u2029',
    '\u0085',
    '\v',
    '\f',
    '\u001c',
    '\u001e',
  ),
  fc.constantFrom('\0', '\ud800', '\udfff', '\ufeff', '\u001b[2J', '"', '\\', '\\u000a', '</script>'),
  fc.constantFrom('\ndata: {"seq":1}', '\nid: 99\n', '\nevent: error\n', '\nretry: 1\n', '\n: ping\n\n'),
  fc.string({ unit: 'binary', maxLength: 20 }),
)
const TEXT = fc.array(PIECE, { maxLength: 12 }).map((pieces) => pieces.join(''))
/** Larger than all that a stream holds back for a client. */
const LONG = 'é\n\u2028'.repeat(100_000)
const BEFORE_THE_END = EVERY_EVENT.flat().filter(
  ({ type }) => !/^run\.(?:succeeded|failed|cancelled)$/.test(type),
)
const EVENTS = fc
  .array(fc.record({ body: fc.constantFrom(...BEFORE_THE_END), text: TEXT }), { minLength: 1, maxLength: 8 })
  .map((parts) => runOf(parts.map(({ body, text }) => withText(body, text))))

function runOf(bodies: readonly RunEventBody[]): readonly RunEvent[] {
  return [...eventsOf(bodies), ...eventsOf([SUCCESS])].map((event, index) => ({ ...event, seq: index + 1 }))
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: `str.splitlines` of Python splits at them
const PYTHON_LINE_END = /\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/

/** Puts a text behind every text of an event, but for the words that code decides by. */
function withText<T>(value: T, text: string): T {
  const decides = /^(?:id|type|step|status|kind|trigger|outcome|callId|level|phase|provider|code)$/
  return JSON.parse(JSON.stringify(value), (key, item: unknown) =>
    typeof item === 'string' && !decides.test(key) ? item + text : item,
  ) as T
}

async function streamOf(events: readonly RunEvent[], after: number): Promise<Uint8Array> {
  const stream = createEventStream({
    async *follow() {
      for (const event of events) yield await show(event)
    },
    toWire: createWireMapper(),
    after,
    onError: (error) => {
      throw error
    },
    onStuck: () => {},
  })
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

const show = createShowEvent(createRedact([]))

/** As the HTML standard reads a stream ("9.2.6 Interpreting an event stream"), from the whole text. */
function readByStandard(text: string, lineEnds: RegExp): readonly { id: string; data: string }[] {
  const found: { id: string; data: string }[] = []
  let [id, data] = ['', [] as string[]]
  for (const line of text.replace(/^\ufeff/, '').split(lineEnds)) {
    const [, field = '', value = ''] = /^([^:]*):? ?([\s\S]*)$/.exec(line) ?? []
    if (line === '') {
      if (data.length > 0) found.push({ id, data: data.join('\n') })
      data = []
    } else if (field === 'data') data.push(value)
    else if (field === 'id' && !value.includes('\0')) id = value
  }
  return found
}

/** Feeds a maintained parser with pieces of bytes, as a network would cut them. */
function readInPieces(bytes: Uint8Array, size: number): readonly { id: string; data: string }[] {
  const found: { id: string; data: string }[] = []
  const parser = createParser({ onEvent: ({ id = '', data }) => void found.push({ id, data }) })
  const decoder = new TextDecoder()
  for (let start = 0; start < bytes.length; start += size) {
    parser.feed(decoder.decode(bytes.subarray(start, start + size), { stream: true }))
  }
  return found
}

test('whatever an event holds, every parser gets back exactly its frame, one per event, in order', async () => {
  await fc.assert(
    fc.asyncProperty(EVENTS, fc.nat(), fc.integer({ min: 1, max: 70 }), async (events, cut, size) => {
      const after = cut % events.length
      const bytes = await streamOf(events, after)
      const map = createWireMapper()
      const shown = await Promise.all(events.map(show))
      const sent = shown.map((event) => ({
        id: String(event.seq),
        frame: JSON.parse(JSON.stringify(map(event))),
      }))
      const text = new TextDecoder().decode(bytes)
      const pieces = bytes.length < 100_000 ? size : 65_536 + size
      for (const read of [
        readInPieces(bytes, pieces),
        readByStandard(text, /\r\n|\n|\r/),
        // Libraries of Python split at these, too.
        readByStandard(text, PYTHON_LINE_END),
      ]) {
        expect(read.map(({ id, data }) => ({ id, frame: JSON.parse(data) }))).toEqual(sent.slice(after))
      }
    }),
    { numRuns: 150, examples: [[runOf([{ type: 'agent.message', text: LONG }]), 0, 1]] },
  )
})

test('whatever a client says it received last, it gets the rest, everything, nothing more, or a refusal', async () => {
  const web = await serveWeb(database())
  const runId = await web.play([...BODIES, SUCCESS])
  const whole = framesOf(await (await fetch(`${web.url}/runs/${runId}/events`)).text())
  const digits = fc.oneof(
    fc.nat(whole.length + 2).map(String),
    fc.constantFrom('007', '0', '', '999999999', '1e3'),
  )
  const hostile = fc.oneof(
    fc.string({
      unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
      maxLength: 40,
    }),
    fc.constantFrom(
      '1; drop table runs',
      '-0',
      '+1',
      '0x1',
      '1_0',
      '٣',
      '1 2',
      '9'.repeat(5000),
      '%00',
      'NaN',
    ),
  )
  await fc.assert(
    fc.asyncProperty(digits, hostile, fc.boolean(), async (number, text, isHostile) => {
      const { status, body } = await ask(`${web.url}/runs/${runId}/events`, isHostile ? text : number)
      // White space of HTTP: a no-break space at the end belongs to the value.
      const value = (isHostile ? text : number).replaceAll(/^[ \t]+|[ \t]+$/g, '')
      if (/^\d{0,9}$/.test(value)) {
        const after = Number(value)
        expect(status).toBe(after >= whole.length ? 204 : 200)
        expect(status === 204 ? [] : framesOf(body)).toEqual(whole.slice(after))
      } else {
        expect([status, body.includes('id: ')]).toEqual([400, false])
      }
    }),
    { numRuns: 60, examples: [['007', '\u00a0', true]] },
  )
})

/** `fetch` refuses some of these values itself. */
function ask(
  address: string,
  lastEventId: string,
): Promise<{ readonly status: number; readonly body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>()
  const headers = {
    'last-event-id': Buffer.from(lastEventId)
      .toString('latin1')
      .replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?'),
  }
  request(address, { headers }, (answer) => {
    let body = ''
    answer.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk
    })
    answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }))
  })
    .on('error', reject)
    .end()
  return promise
}
