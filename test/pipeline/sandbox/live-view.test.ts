import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { createLiveView, showIn } from '../../../src/pipeline/sandbox/live-view.ts'
import { LOOK_BYTES } from '../../../src/sandbox/live-view.ts'
import type { Sandbox, SandboxProvider } from '../../../src/sandbox/sandbox.ts'
import { createRedact } from '../../../src/secrets/redact.ts'

const OWN = 'own-secret-of-this-process-7f3a91c2'
const SINCE = new Date('2026-11-29T20:51:07Z')
const { privateKey } = generateKeyPairSync('ed25519', {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

/** What people see after each piece that was shown. */
function open() {
  const texts: string[] = []
  const live = createLiveView(
    { isWatched: () => true, show: (_, text) => void texts.push(text) },
    'run-1',
    createRedact([OWN]),
  )
  async function after(printed: string): Promise<string> {
    const command = live.begin('npm test', SINCE)
    const before = texts.length
    command.show(printed)
    await expect.poll(() => texts.length, { interval: 1 }).toBeGreaterThan(before)
    const text = texts.at(-1) ?? ''
    command.end()
    await expect.poll(() => texts.at(-1), { interval: 1 }).toBe('')
    return text
  }
  return { live, texts, after }
}

/** Long enough that a reader could go on from there. */
function pieces(secret: string): string[] {
  return secret
    .split('\n')
    .filter((line) => !line.startsWith('-----'))
    .flatMap((line) => [line.slice(0, 9), line.slice(-9), line.slice(8, 17)])
    .filter((piece) => piece.length === 9)
}

const TOKEN = `ghp_${'A1b2C3d4E5f6G7h8'.repeat(3).slice(0, 36)}`
const SECRETS = [OWN, TOKEN, privateKey.trim()]
const OUTPUT = `compiling\n${SECRETS.map((secret) => `value: ${secret} end\n`).join('')}done\n`

test('no part of a secret is shown, wherever the output ends so far', async () => {
  const { after } = open()
  for (let end = 1; end <= OUTPUT.length; end += 3) {
    const shown = await after(OUTPUT.slice(0, end))
    const leaked = SECRETS.flatMap(pieces).filter((piece) => shown.includes(piece))
    expect([end, leaked]).toEqual([end, []])
  }
  expect(await after(OUTPUT)).toBe(
    '$ npm test (since 20:51:07 UTC)\ncompiling\nvalue: [redacted] end\nvalue: [redacted] end\nvalue: [redacted] end\ndone',
  )
})

test('no part of a secret is shown, wherever the looked at part begins, however little of it is text', async () => {
  const { after } = open()
  // What a terminal swallows leaves few words of a long output.
  const noise = '\u001b[2K'.repeat(LOOK_BYTES / 4)
  const whole = `${OUTPUT}${noise}\nnext\n`
  for (let start = 0; start < OUTPUT.length; start += 3) {
    const window = whole.slice(start, start + LOOK_BYTES)
    const shown = await after(window)
    const leaked = SECRETS.flatMap(pieces).filter((piece) => shown.includes(piece))
    expect([start, leaked]).toEqual([start, []])
  }
})

test('a line without an end is not shown when its beginning is cut off, and one that goes on ends at a word', async () => {
  const { after } = open()
  const head = '$ npm test (since 20:51:07 UTC)'
  expect(await after('x'.repeat(LOOK_BYTES))).toBe(`${head}\n`)
  expect(await after('one\ntwo thr')).toBe(`${head}\none\ntwo`)
  expect(await after(`one\n${'x'.repeat(9_000)}`)).toBe(`${head}\none`)
  const go = ['run', 'output'].map((Action) =>
    JSON.stringify({ Time: 't', Action, Output: '=== RUN TestAdd\n' }),
  )
  expect(await after(`${go[1]}\n{"Time":"t","Action":"pass"}\nok\n`)).toBe(`${head}\n=== RUN TestAdd\nok`)
})

test('commands at once share the room, in the order in which they began', async () => {
  const { live, texts } = open()
  const commands = ['npm test', 'npm run lint', 'npm run\ntypes', 'npm run more'].map((name) =>
    live.begin(name, SINCE),
  )
  for (const [index, command] of commands.entries()) command.show(`${`line ${index}\n`.repeat(1000)}`)
  await expect.poll(() => texts.at(-1)).toContain('line 2')
  const last = texts.at(-1) ?? ''
  expect(last.match(/^\$ .*/gm)).toEqual([
    '$ npm test (since 20:51:07 UTC)',
    '$ npm run lint (since 20:51:07 UTC)',
    '$ npm run types (since 20:51:07 UTC)',
  ])
  expect(last.length).toBeLessThanOrEqual(1_900)
  for (const command of commands) command.end()
  await expect.poll(() => texts.at(-1)).toBe('')
})

test('what is shown while a drawing is under way is drawn once, as it is then', async () => {
  const { live, texts } = open()
  const command = live.begin('npm test', SINCE)
  for (let count = 0; count < 1000; count++) command.show(`${count}\n`)
  await expect.poll(() => texts.at(-1)).toContain('\n999')
  expect(texts.length).toBeLessThan(4)
})

test('a sandbox shows its commands, new or attached', async () => {
  const { live } = open()
  const sandbox = { id: 'box' } as Sandbox
  const provider = { create: async () => sandbox, attach: async () => sandbox } as unknown as SandboxProvider
  const shown = showIn(live, provider)
  const request = { runId: 'r', timeoutMs: 1, egress: { allowHosts: [] } }
  expect([await shown.create(request), await shown.attach('box')]).toEqual([
    { id: 'box', live },
    { id: 'box', live },
  ])
})
