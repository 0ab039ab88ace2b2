import { expect, test } from 'vitest'
import { createDummyAgent } from '../../../src/agent/dummy/dummy-agent.ts'
import { openWorkspace } from '../support/open-workspace.ts'
import { workOn } from '../support/work-on.ts'

const FILES = { 'src/greet.js': 'export function greetVisitor(name) {\n  return "hello " + name\n}\n' }

const block = (language: string, text: string) => `\`\`\`${language}\n${text}\n\`\`\``

test('a suggestion as GitHub writes it replaces the lines of its comment', async () => {
  const prompt = `Shorter:\n\n${block('suggestion', '  return "hi " + name')}\n\n(Written on src/greet.js:2.)`

  const place = await openWorkspace(FILES)
  const { outcome } = await workOn(place, createDummyAgent(), { task: { prompt } })

  expect(outcome).toMatchObject({ kind: 'done', title: 'Shorter:' })
  expect(outcome.summary).toContain('the suggestion for `src/greet.js`, line 2')
  expect(await place.read('src/greet.js')).toContain('  return "hi " + name\n}')
})

test('line endings, byte order marks and other encodings stay as they are', async () => {
  const diff = '--- a/w.txt\n+++ b/w.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n three'
  const changes = [
    block('diff', diff),
    block('suggestion path=w.txt lines=3', 'drei'),
    block('suggestion path=bom.txt lines=2', 'b'),
    block('suggestion path=latin.txt lines=1', 'a'),
  ]
  const files = { 'w.txt': 'one\r\ntwo\r\nthree\r\n', 'bom.txt': '\ufeffone\ntwo\n' }
  const place = await openWorkspace({ ...files, 'latin.txt': Buffer.from('caf\u00e9\n', 'latin1') })

  const { outcome } = await workOn(place, createDummyAgent(), { task: { prompt: changes.join('\n\n') } })

  expect(outcome.summary).toContain('`latin.txt`, line 1: the file is not in UTF-8')
  expect(await place.read('w.txt')).toBe('one\r\nzwei\r\ndrei\r\n')
  expect(await place.sh('head -c 3 bom.txt | od -An -tx1; tail -n 1 bom.txt')).toBe('ef bb bf\nb')
})

test('what a person wrote in code does not name the pull request, and tools talk to people as to people', async () => {
  const prompt = `Go\n\n${block('js path=.github/workflows/a.yml', 'on: push all the things')}`
  const thread = {
    kind: 'issue',
    number: 3,
    title: 'New flow',
    body: '',
    author: 'bob',
    trusted: true,
  } as const

  const place = await openWorkspace(FILES)
  const { outcome } = await workOn(place, createDummyAgent(), { task: { prompt, thread } })

  expect(outcome.title).toBe('New flow')
  expect(outcome.summary).toContain('changed by people only')
  expect(outcome.summary).not.toContain('notes of finish')
})
