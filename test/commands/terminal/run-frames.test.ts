import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { runFrames } from '../../../src/commands/terminal/run/run-frames.ts'

const ENVELOPE = { runId: 'r1', at: '2026-01-01T00:00:00.000Z' }

/** A service that answers with these frames, each time those after `Last-Event-ID`. */
async function serve(
  frames: readonly (Readonly<Record<string, unknown>> & { readonly seq: number })[],
): Promise<string> {
  const server = createServer((request, response) => {
    const after = Number(request.headers['last-event-id'] ?? 0)
    const rest = frames.filter(({ seq }) => seq > after)
    if (rest.length === 0) return response.writeHead(204).end()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    return response.end(rest.map((frame) => `id: ${frame.seq}\ndata: ${JSON.stringify(frame)}\n\n`).join(''))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/runs/r1/events`
}

test('frames that only a newer service sends are read, and the run still ends', async () => {
  const url = await serve([
    { ...ENVELOPE, seq: 1, type: 'Review', message: 'Reviewed', score: 3 },
    { ...ENVELOPE, seq: 2, type: 'info', message: 'Verified', step: 'verify', progress: 90, status: 'ok' },
    { ...ENVELOPE, seq: 3, type: 'AI Message', message: 'Hello', lang: 'en' },
    { ...ENVELOPE, seq: 4, type: 'success', message: 'Merged', extra_data: { outcome: 'merged' } },
    { ...ENVELOPE, seq: 5, type: 'info', message: 'after the end' },
  ])
  expect(await Array.fromAsync(runFrames(url))).toEqual([
    { ...ENVELOPE, seq: 1, type: 'newer', newerType: 'Review', message: 'Reviewed' },
    { ...ENVELOPE, seq: 2, type: 'newer', newerType: 'info', message: 'Verified' },
    { ...ENVELOPE, seq: 3, type: 'AI Message', message: 'Hello' },
    { ...ENVELOPE, seq: 4, type: 'newer', newerType: 'success', message: 'Merged' },
  ])
})

test('data that is not a frame is an error that says so', async () => {
  const url = await serve([{ seq: 1, hello: 'world' }])
  await expect(Array.fromAsync(runFrames(url))).rejects.toThrow(/not a frame/)
})
