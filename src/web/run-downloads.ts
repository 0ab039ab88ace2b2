import type { Context } from 'hono'
import type { RunEvent } from '../runs/run-event.ts'
import { sentenceOf } from '../runs/summary/sentences.ts'
import { noStore } from './answer-headers.ts'
import type { RunPageDeps } from './run-pages.ts'
import { createShowEvent, type ShowEvent } from './stream/show-event.ts'
import { createWireMapper } from './stream/wire-event.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

type DownloadDeps = Pick<RunPageDeps, 'reader' | 'log' | 'redact'> & Pick<WebDeps, 'reportError'>

/** `GET /runs/:id/events.json`: the run and every event so far, with the same frames as the stream. */
export async function answerEventsJson(
  c: Context<WebEnv>,
  { reader, log, redact, reportError }: DownloadDeps,
): Promise<Response> {
  const found = await reader.find(c)
  const run = await reader.viewInFull(found)
  const toWire = createWireMapper()
  async function* parts(): AsyncGenerator<string> {
    yield `{"run":${JSON.stringify(run)},"events":[`
    let separator = '\n'
    for await (const event of shownEvents(log, { runId: found.id, show: createShowEvent(redact) })) {
      yield `${separator}${JSON.stringify(toWire(event))}`
      separator = ',\n'
    }
    yield '\n]}\n'
  }
  const file = { parts: parts(), type: 'application/json', runId: found.id, ending: 'json' }
  return answerDownload(c, file, reportError)
}

/** `GET /runs/:id/log.txt`: what happened, for people and `grep`. */
export async function answerLogText(
  c: Context<WebEnv>,
  { reader, log, redact, reportError }: DownloadDeps,
): Promise<Response> {
  const { id } = await reader.find(c)
  async function* parts(): AsyncGenerator<string> {
    for await (const event of shownEvents(log, { runId: id, show: createShowEvent(redact) }))
      yield logLines(event)
  }
  const file = { parts: parts(), type: 'text/plain; charset=utf-8', runId: id, ending: 'txt' }
  return answerDownload(c, file, reportError)
}

interface Download {
  readonly parts: AsyncIterable<string>
  readonly type: string
  readonly runId: string
  readonly ending: string
}

function answerDownload(
  c: Context<WebEnv>,
  { parts, type, runId, ending }: Download,
  reportError: WebDeps['reportError'],
): Response {
  const { requestId } = c.var
  const { method, path } = c.req
  noStore(c)
  c.header('Content-Type', type)
  c.header('Content-Disposition', `attachment; filename="backspace-${runId.slice(0, 12)}.${ending}"`)
  async function* cutOff(): AsyncGenerator<string> {
    try {
      yield* parts
    } catch (error) {
      reportError(error, { requestId, method, path, runId })
      // The answer has already started, so the connection is broken off: the reader must not mistake it for a complete one.
      c.env?.outgoing?.destroy()
    }
  }
  return c.body(ReadableStream.from(cutOff()).pipeThrough(new TextEncoderStream()))
}

/** Reads events page by page, so that a long run is never entirely in memory. */
async function* shownEvents(
  log: Pick<WebDeps['log'], 'read'>,
  { runId, show }: { readonly runId: string; readonly show: ShowEvent },
): AsyncGenerator<RunEvent> {
  for (let after = 0; ; ) {
    const page = await log.read(runId, after)
    if (page.length === 0) return
    for (const event of page) yield await show(event)
    after = page.at(-1)?.seq ?? after
  }
}

function logLines(event: RunEvent): string {
  const head = `#${event.seq} ${event.at} ${event.type}: ${sentenceOf(event)}`
  const detail = detailOf(event)
  return detail === '' ? `${head}\n` : `${head}\n${detail.trimEnd().replace(/^/gm, '    ')}\n`
}

function detailOf(event: RunEvent): string {
  switch (event.type) {
    case 'setup.finished':
      return event.results
        .map(({ command, exitCode, output }) => `$ ${command} (exit code ${exitCode})\n${output}`)
        .join('\n')
    case 'checks.finished':
      return event.results
        .map(({ command, exitCode, tail }) => `$ ${command} (exit code ${exitCode})\n${tail}`)
        .join('\n')
    case 'changes.collected':
      return event.diff
    case 'tool.finished':
      return toolDetailText(event.detail)
    default:
      return ''
  }
}

function toolDetailText(detail: Extract<RunEvent, { type: 'tool.finished' }>['detail']): string {
  switch (detail.kind) {
    case 'bash':
      return `${detail.output}\nexit code ${detail.exitCode}`
    case 'edit':
      return detail.edits
        .map(({ oldText, newText }) => `${oldText.replace(/^/gm, '- ')}\n${newText.replace(/^/gm, '+ ')}`)
        .join('\n')
    case 'write':
      return detail.content
    case 'other':
      return detail.text
    default:
      return ''
  }
}
