import iconv from 'iconv-lite'
import { expect, test } from 'vitest'
import { openWorkspace } from '../support/open-workspace.ts'
import { useTools } from '../support/use-tools.ts'

const JAPANESE = '// これは日本語のコメントです\r\nint answer = 41;\r\n'
const FILES = {
  'western.c': iconv.encode('/* größer als “zwei” */\nint answer = 41;', 'windows-1252'),
  'odd.txt': Buffer.from('caf\xe9\x81\nanswer = 41;\n\xff\n', 'latin1'),
  'sjis.c': iconv.encode(JAPANESE, 'Shift_JIS'),
  'euc.c': iconv.encode(JAPANESE, 'EUC-JP'),
  'marked.txt': iconv.encode('answer = 41;\r\n', 'UTF-16LE', { addBOM: true }),
  'bare.txt': iconv.encode('answer = 41;\n', 'UTF-16BE'),
  'bom.ts': Buffer.from('\ufeffanswer = 41;\n'),
  'declared.py': Buffer.from('# -*- coding: iso-8859-15 -*-\nanswer = 41;\n'),
  'page.html': Buffer.from('<meta charset="koi8-r">\nanswer = 41;\n'),
  'mac.txt': Buffer.from('one\ranswer = 41;\rthree'),
  'mixed.txt': Buffer.from('one\nanswer = 41;\r\nthree\n'),
  '.gitattributes': Buffer.from('*.attr working-tree-encoding=Shift_JIS\n'),
  'new.attr': Buffer.from('answer = 41;\n'),
  '.editorconfig': Buffer.from('root = true\n[*.{cfg,ini}]\ncharset = latin1\n'),
  'legacy/app.cfg': Buffer.from('answer = 41;\n'),
} as const

test('a file keeps its encoding, its mark, its line ends and its missing last one, and the agent reads which they are', async () => {
  const place = await openWorkspace(FILES)
  await place.sandbox.exec('git init -q .', { cwd: place.workspace })
  const { ok } = useTools(place)
  const edited = async (path: string, word: string) => {
    const seen = await ok('read', { file_path: path })
    await ok('edit', {
      file_path: path,
      edits: [{ old_string: '41;', new_string: `42; // ${word}\n// two` }],
    })
    return { seen, bytes: Buffer.from(await place.sandbox.readFile(`${place.workspace}/${path}`)) }
  }
  const expectEdit = async (path: keyof typeof FILES, word: string, encoding: string, newline = '\n') => {
    const { seen, bytes } = await edited(path, word)
    const added = iconv.encode(`42; // ${word}${newline}// two`, encoding)
    const old = iconv.encode('41;', encoding)
    const at = FILES[path].indexOf(old)
    const wanted = [FILES[path].subarray(0, at), added, FILES[path].subarray(at + old.length)]
    expect({ path, bytes }).toEqual({ path, bytes: Buffer.concat(wanted) })
    return seen
  }
  expect(await expectEdit('western.c', 'né €', 'windows-1252')).toMatch(
    /größer als “zwei”.*\[encoding: windows-1252/s,
  )
  await expectEdit('odd.txt', 'né', 'ISO-8859-1')
  expect(await expectEdit('sjis.c', '新しい', 'Shift_JIS', '\r\n')).toContain('これは日本語')
  await expectEdit('euc.c', '新しい', 'EUC-JP', '\r\n')
  expect(await expectEdit('marked.txt', 'ж', 'UTF-16LE', '\r\n')).toContain('UTF-16LE with a byte order mark')
  await expectEdit('bare.txt', 'ж', 'UTF-16BE')
  await expectEdit('bom.ts', 'ж', 'UTF-8')
  await expectEdit('declared.py', '€', 'iso-8859-15')
  await expectEdit('page.html', 'ж', 'koi8-r')
  expect(await expectEdit('mac.txt', 'x', 'UTF-8', '\r')).toContain('lines end with CR')
  await expectEdit('mixed.txt', 'x', 'UTF-8', '\r\n')
  await expectEdit('new.attr', '新', 'Shift_JIS')
  await expectEdit('legacy/app.cfg', 'é', 'latin1')
})

test('a character that an encoding lacks is an error that names it, and a new or replaced file has the declared encoding', async () => {
  const place = await openWorkspace(FILES)
  await place.sandbox.exec('git init -q .', { cwd: place.workspace })
  const { ok, problem } = useTools(place)
  await ok('read', { file_path: 'declared.py' })
  const edits = [{ old_string: '41', new_string: '"日"' }]
  expect(await problem('edit', { file_path: 'declared.py', edits })).toMatch(
    /iso-8859-15, which has no "日" \(U\+65E5\)/,
  )
  expect(await problem('write', { file_path: 'a.ini', content: 'ж' })).toContain('ISO-8859-1')
  await ok('write', { file_path: 'a.ini', content: 'é\n' })
  await ok('read', { file_path: 'sjis.c' })
  await ok('write', { file_path: 'sjis.c', content: '// 短い\nint a;\n' })
  const bytes = async (path: string) =>
    Buffer.from(await place.sandbox.readFile(`${place.workspace}/${path}`))
  expect(await bytes('a.ini')).toEqual(Buffer.from('é\n', 'latin1'))
  expect(await bytes('sjis.c')).toEqual(iconv.encode('// 短い\r\nint a;\r\n', 'Shift_JIS'))
})
