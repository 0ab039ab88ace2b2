import { expect, test } from 'vitest'
import { startCliProgram } from '../../../src/agent/claude-code/cli-program.ts'
import type { CliLine } from '../../../src/agent/claude-code/read-line.ts'
import { sessionFiles } from '../../../src/agent/claude-code/session-files.ts'
import { openWorkspace } from '../support/open-workspace.ts'

const said = (text: string) =>
  JSON.stringify({ type: 'assistant', message: { id: 'm', content: [{ type: 'text', text }] } })

/** A program of our own in the place of Claude Code: `$IN`, `$OUT` and `$TEXT` are its input, its output and a line. */
async function start(command: string, line = said('hello')) {
  const { sandbox, workspace } = await openWorkspace({})
  const files = sessionFiles(sandbox, 'session', 'start')
  await sandbox.writeFile(files.input, new Uint8Array())
  const env = { IN: files.input, OUT: files.output, TEXT: line }
  const program = startCliProgram({ sandbox, workspace, command, env, files, timeoutMs: 60_000 })
  return { program, sandbox }
}

function textsOf(lines: readonly CliLine[]): string[] {
  return lines.flatMap((line) =>
    line.type === 'assistant'
      ? line.message.content.flatMap((block) => ('text' in block ? [block.text] : []))
      : [],
  )
}

async function readAll({ program }: Awaited<ReturnType<typeof start>>): Promise<string[]> {
  const texts: string[] = []
  for (;;) {
    const lines = await program.read()
    texts.push(...textsOf(lines))
    if (lines.length === 0 && program.ended()) return texts
  }
}

test('lines are read once each, as they come and after the end, in order', async () => {
  const started = await start(
    'say() { echo "$TEXT" | sed "s/hello/$1/" >> "$OUT"; }; for n in 1 2 3; do say "$n"; sleep 0.2; done; say 4; say ü5; exit 3',
  )
  expect(await readAll(started)).toEqual(['1', '2', '3', '4', 'ü5'])
  expect(started.program.ended()?.exitCode).toBe(3)
})

test('a line that is longer than what is read at once is read whole, and a line without an end is left', async () => {
  const long = 'x'.repeat(1_500_000)
  const started = await start(
    `{ printf '%s' '${said('').slice(0, -5)}'; head -c ${long.length} /dev/zero | tr '\\0' x; printf '%s\\n' '"}]}}'; echo "$TEXT"; printf half; } > "$OUT"`,
  )
  const texts = await readAll(started)
  expect(texts.map(({ length }) => length)).toEqual([long.length, 5])
})

test('what the host says arrives in order, and what is no line of Claude Code is only counted', async () => {
  const started = await start(
    'while [ "$(wc -l < "$IN")" -lt 3 ]; do sleep 0.05; done; echo nonsense > "$OUT"; cat "$IN" >> "$OUT"',
  )
  for (const word of ['one', 'two', 'three']) started.program.say(said(word))
  expect(await readAll(started)).toEqual(['one', 'two', 'three'])
  expect(started.program.unknown()).toBe(1)
})

test('stopping ends it with all that it started', async () => {
  const { program, sandbox } = await start('sleep 98765 & echo "$TEXT" > "$OUT"; wait')
  expect(textsOf(await program.read())).toEqual(['hello'])
  await program.stop()
  const { stdout } = await sandbox.exec('pgrep -f "sleep 9876[5]" || echo none')
  expect(stdout).toBe('none\n')
})

test('a lost sandbox is an error, not an end', async () => {
  const { program, sandbox } = await start('sleep 30')
  const reading = expect(program.read()).rejects.toMatchObject({ class: 'gone' })
  await sandbox.kill()
  await reading
})
