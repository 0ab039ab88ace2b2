import { expect, test } from 'vitest'
import { openWorkspace } from '../support/open-workspace.ts'
import { useTools } from '../support/use-tools.ts'

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)

test('a file is read with line numbers', async () => {
  const { ok } = useTools(await openWorkspace({ 'a.ts': 'one\ntwo\n' }))

  expect(await ok('read', { file_path: 'a.ts' })).toBe('     1\tone\n     2\ttwo')
})

test('a part of a file says which part it is, and a long file how to read on', async () => {
  const lines = Array.from({ length: 2000 }, (_, index) => `line ${index + 1}`)
  const { ok } = useTools(await openWorkspace({ 'long.txt': lines.join('\n') }))

  const part = await ok('read', { file_path: 'long.txt', start_line: 10, end_line: 11 })
  expect(part).toBe('    10\tline 10\n    11\tline 11\n[lines 10-11 of 2000]')
  expect(await ok('read', { file_path: 'long.txt' })).toContain(
    '[lines 1-800 of 2000; read on with start_line 801]',
  )
})

test('very long lines are cut and say so', async () => {
  const { ok } = useTools(await openWorkspace({ 'min.js': 'x'.repeat(50_000) }))

  const text = await ok('read', { file_path: 'min.js' })

  expect(text.length).toBeLessThan(2200)
  expect(text).toContain('48000 more characters')
})

test('images come as images, other binary files are refused', async () => {
  const place = await openWorkspace({ 'dot.png': PNG, 'blob.bin': Uint8Array.of(1, 0, 2) })
  const { answer, problem } = useTools(place)

  const { part } = await answer('read', { file_path: 'dot.png' })
  expect(part.images).toEqual([{ type: 'image', mediaType: 'image/png', base64: PNG.toString('base64') }])
  expect(await problem('read', { file_path: 'blob.bin' })).toContain('binary file')
})

test('an image that a provider would refuse is not shown, since it would spoil every request after it', async () => {
  const wide = Buffer.from(PNG)
  wide.writeUInt32BE(9000, 16)
  const jpeg = Buffer.from('ffd8ffe000044a46ffc0000b080010002001011100', 'hex')
  const place = await openWorkspace({
    'cut.png': PNG.subarray(0, 40),
    'wide.png': wide,
    'cut.jpg': jpeg,
    'whole.jpg': Buffer.concat([jpeg, Buffer.from('ffd9', 'hex')]),
    'cut.gif': Buffer.from('GIF89a\u0001\u0000\u0001\u0000\u0000\u0000\u0000', 'latin1'),
    'cut.webp': Buffer.from('RIFF\u00ff\u0000\u0000\u0000WEBPVP8 '.padEnd(40, '\u0000'), 'latin1'),
    'text.png': 'not an image at all',
  })
  const { answer, ok, problem } = useTools(place)

  for (const file_path of ['cut.png', 'cut.jpg', 'cut.gif', 'cut.webp']) {
    expect(await problem('read', { file_path })).toContain(`${file_path} is an image that is damaged`)
  }
  expect(await problem('read', { file_path: 'wide.png' })).toContain('9000 × 1 pixels')
  expect((await answer('read', { file_path: 'whole.jpg' })).part.images).toHaveLength(1)
  expect(await ok('read', { file_path: 'text.png' })).toContain('not an image at all')
})

test('what cannot be read is explained', async () => {
  const { ok, problem } = useTools(await openWorkspace({ 'dir/a.ts': 'one\n', 'empty.ts': '' }))

  expect(await problem('read', { file_path: 'dir' })).toContain('is a directory')
  expect(await problem('read', { file_path: 'none.ts' })).toContain('There is no file none.ts')
  expect(await problem('read', { file_path: 'dir/a.ts', start_line: 5 })).toContain('only 1 lines')
  expect(await ok('read', { file_path: 'empty.ts' })).toContain('empty')
})

test('paths stay in the workspace, whichever way they lead out', async () => {
  const place = await openWorkspace({ 'a.ts': 'one\n' })
  await place.sandbox.writeFile(`${place.sandbox.home}/secret.txt`, Buffer.from('secret'))
  await place.sh('ln -s ../secret.txt link && ln -s .. up && ln -s a.ts inside')
  const { ok, problem } = useTools(place)

  for (const file_path of [
    '../secret.txt',
    '/etc/passwd',
    'link',
    'up/secret.txt',
    `${place.sandbox.home}/secret.txt`,
  ]) {
    expect(await problem('read', { file_path })).toContain('outside the workspace')
    expect(await problem('write', { file_path, content: 'x' })).toContain('outside the workspace')
    expect(await problem('edit', { file_path, edits: [{ old_string: 'a', new_string: 'b' }] })).toContain(
      'outside',
    )
  }
  for (const path of ['../', 'link', 'up']) {
    expect(await problem('grep', { pattern: 'secret', path })).toContain('outside the workspace')
  }
  expect(await problem('glob', { pattern: '../*' })).toContain('leads outside')
  expect(await problem('grep', { pattern: 'secret', glob: '../*.txt' })).toContain('leads outside')
  expect(await problem('glob', { pattern: '*', path: '/etc' })).toContain('outside the workspace')
  expect(await ok('read', { file_path: 'inside' })).toContain('one')
  expect(await ok('read', { file_path: `${place.workspace}/a.ts` })).toContain('one')
})

test('git keeps its own files to itself', async () => {
  const { problem } = useTools(await openWorkspace())

  for (const file_path of ['.git/config', './.GIT/hooks/pre-commit', 'sub/.git/config']) {
    expect(await problem('read', { file_path })).toContain('belongs to git itself')
    expect(await problem('write', { file_path, content: 'x' })).toContain('belongs to git itself')
  }
})

test('write creates files with their directories and reports bytes', async () => {
  const place = await openWorkspace()
  const { ok, events } = useTools(place)

  expect(await ok('write', { file_path: "new/dir/it's.ts", content: 'é\n' })).toBe(
    "Created new/dir/it's.ts (3 bytes).",
  )
  expect(await place.read("new/dir/it's.ts")).toBe('é\n')
  expect(events.at(-1)).toMatchObject({ detail: { kind: 'write', path: "new/dir/it's.ts", bytes: 3 } })
})

test('write replaces only what was read and has not changed since', async () => {
  const place = await openWorkspace({ 'a.ts': 'one\n' })
  const { ok, problem } = useTools(place)
  const write = { file_path: 'a.ts', content: 'two\n' }

  expect(await problem('write', write)).toContain('you have not read it')
  await ok('read', { file_path: 'a.ts' })
  await place.write('a.ts', 'other\n')
  expect(await problem('write', write)).toContain('has changed since')
  await ok('read', { file_path: 'a.ts' })
  expect(await ok('write', write)).toContain('Replaced a.ts')
  expect(await ok('write', { ...write, content: 'three\n' })).toContain('Replaced a.ts')
})

test('a write that is too large is refused', async () => {
  const { problem } = useTools(await openWorkspace())

  expect(await problem('write', { file_path: 'a', content: 'x'.repeat(300_000) })).toContain('at most 262144')
})
