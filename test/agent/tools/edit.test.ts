import { expect, test } from 'vitest'
import { openWorkspace } from '../support/open-workspace.ts'
import { useTools } from '../support/use-tools.ts'

test('an edit replaces exactly what it names and shows the place', async () => {
  const place = await openWorkspace({ 'a.ts': 'one\ntwo\nthree\n' })
  const { ok, events } = useTools(place)

  const text = await ok('edit', { file_path: 'a.ts', edits: [{ old_string: 'two', new_string: 'TWO' }] })

  expect(await place.read('a.ts')).toBe('one\nTWO\nthree\n')
  expect(text).toContain('     2\tTWO')
  expect(events.at(-1)).toMatchObject({
    detail: { kind: 'edit', path: 'a.ts', edits: [{ oldText: 'two', newText: 'TWO' }] },
  })
})

test('several edits apply in order, or none of them', async () => {
  const place = await openWorkspace({ 'a.ts': 'one\ntwo\n' })
  const { ok, problem } = useTools(place)
  const edits = [
    { old_string: 'one', new_string: 'three' },
    { old_string: 'three\ntwo', new_string: 'both' },
  ]

  await ok('edit', { file_path: 'a.ts', edits })
  expect(await place.read('a.ts')).toBe('both\n')

  const said = await problem('edit', {
    file_path: 'a.ts',
    edits: [{ old_string: 'both', new_string: 'x' }, ...edits],
  })
  expect(said).toContain('old_string of edit 2 does not occur')
  expect(await place.read('a.ts')).toBe('both\n')
})

test('text that occurs more than once needs more context or replace_all', async () => {
  const place = await openWorkspace({ 'a.ts': 'x = 1\ny = 1\n' })
  const { ok, problem } = useTools(place)
  const edit = { old_string: '1', new_string: '2' }

  expect(await problem('edit', { file_path: 'a.ts', edits: [edit] })).toContain('2 times, on lines 1, 2')
  await ok('edit', { file_path: 'a.ts', edits: [{ ...edit, replace_all: true }] })
  expect(await place.read('a.ts')).toBe('x = 2\ny = 2\n')
})

test('text that does not occur names the closest lines', async () => {
  const { problem } = useTools(
    await openWorkspace({ 'a.ts': 'let a = 1\nfunction parse(input: string) {\n}\n' }),
  )

  const said = await problem('edit', {
    file_path: 'a.ts',
    edits: [{ old_string: 'function parse(input) {', new_string: 'x' }],
  })

  expect(said).toContain('does not occur')
  expect(said).toContain('     2\tfunction parse(input: string) {')
})

test('CRLF files keep their line endings, outside and inside of the edit', async () => {
  const place = await openWorkspace({ 'a.txt': 'one\r\ntwo\r\nthree\r\n' })
  const { ok } = useTools(place)

  const text = await ok('edit', {
    file_path: 'a.txt',
    edits: [{ old_string: 'one\ntwo\n', new_string: 'one\n1.5\ntwo\n' }],
  })

  expect(await place.read('a.txt')).toBe('one\r\n1.5\r\ntwo\r\nthree\r\n')
  expect(text).toContain('line endings aside')
})

test('trailing spaces and typography are overlooked when the place is clear, and nothing else changes', async () => {
  const place = await openWorkspace({ 'a.md': 'It\u2019s  \n\u201cquoted\u201d \u2013 text\t\nend  \n' })
  const { ok } = useTools(place)

  await ok('edit', {
    file_path: 'a.md',
    edits: [{ old_string: 'It\'s\n"quoted" - text', new_string: 'new' }],
  })

  expect(await place.read('a.md')).toBe('new\t\nend  \n')
})

test('approximate text that fits in two places is refused', async () => {
  const { problem } = useTools(await openWorkspace({ 'a.md': '\u201ca\u201d\n\u201ca\u201d\n' }))

  const said = await problem('edit', {
    file_path: 'a.md',
    edits: [{ old_string: '"a"', new_string: 'b', replace_all: true }],
  })

  expect(said).toContain('only approximately, 2 times')
})

test('a byte order mark stays', async () => {
  const place = await openWorkspace({ 'bom.txt': '\ufeffone\n' })
  const { ok } = useTools(place)

  await ok('edit', { file_path: 'bom.txt', edits: [{ old_string: 'one', new_string: 'two' }] })

  const bytes = await place.sandbox.readFile(`${place.workspace}/bom.txt`)
  expect([...bytes.slice(0, 4)]).toEqual([0xef, 0xbb, 0xbf, 't'.charCodeAt(0)])
})

test('a file that changed since it was read must be read again', async () => {
  const place = await openWorkspace({ 'a.ts': 'one\n' })
  const { ok, problem } = useTools(place)
  const edit = { file_path: 'a.ts', edits: [{ old_string: 'one', new_string: 'two' }] }

  await ok('read', { file_path: 'a.ts' })
  await ok('bash', { command: 'echo more >> a.ts' })
  expect(await problem('edit', edit)).toContain('has changed since you last saw it')
  await ok('read', { file_path: 'a.ts' })
  await ok('edit', edit)
  expect(await place.read('a.ts')).toBe('two\nmore\n')
})

test('an executable file stays executable', async () => {
  const place = await openWorkspace({ 'run.sh': '#!/bin/sh\necho one\n' })
  await place.sh('chmod +x run.sh')
  const { ok } = useTools(place)

  await ok('edit', { file_path: 'run.sh', edits: [{ old_string: 'one', new_string: 'two' }] })

  expect(await place.sh('./run.sh')).toBe('two')
})

test('the flat form that other tools use is understood', async () => {
  const place = await openWorkspace({ 'a.ts': 'one\n' })
  const { ok } = useTools(place)

  await ok('edit', { path: 'a.ts', old_string: 'one', new_string: 'two', replace_all: null })

  expect(await place.read('a.ts')).toBe('two\n')
})

test('empty, equal and missing targets are explained', async () => {
  const { problem } = useTools(await openWorkspace({ 'a.ts': 'one\n' }))
  const edit = (old_string: string, new_string: string, file_path = 'a.ts') =>
    problem('edit', { file_path, edits: [{ old_string, new_string }] })

  expect(await edit('', 'x')).toContain('is empty. Use write')
  expect(await edit('one', 'one')).toContain('are the same')
  expect(await edit('a', 'b', 'none.ts')).toContain('There is no file none.ts')
})
