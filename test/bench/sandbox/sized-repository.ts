import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The check names its file: without that, it looks for tests in every folder, which is not ours to measure. */
const PACKAGE = `{
  "name": "ledger",
  "version": "1.0.0",
  "type": "module",
  "scripts": { "test": "node --test test/add.test.js" }
}
`
const LOCK = `{
  "name": "ledger",
  "version": "1.0.0",
  "lockfileVersion": 3,
  "packages": { "": { "name": "ledger", "version": "1.0.0" } }
}
`
const TEST = `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { add } from '../src/add.js'

test('adds', () => assert.equal(add(1, 2), 3))
`
/** The files that the task of this bench is about. */
const PROJECT: Readonly<Record<string, string>> = {
  'package.json': PACKAGE,
  'package-lock.json': LOCK,
  'README.md': '# Ledger\n\nAdds numbers.\n',
  'src/add.js': 'export function add(a, b) {\n  return a + b\n}\n',
  'src/sum.js': "import { add } from './add.js'\n\nexport const sum = (numbers) => numbers.reduce(add, 0)\n",
  'test/add.test.js': TEST,
}
const FILES_PER_FOLDER = 20

/**
 * A git directory with one commit of a small Node project and as many other files as asked for; no check looks at those.
 * The caller removes it.
 */
export async function makeSizedRepository(fileCount: number): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'backspace-sized-'))
  await git(['init', '--quiet', '--bare', '--initial-branch=main', directory])
  const files = { ...PROJECT }
  for (let index = Object.keys(PROJECT).length; index < fileCount; index++) {
    const folder = Math.floor(index / FILES_PER_FOLDER)
    const path = `data/${String(folder % 100).padStart(2, '0')}/${folder}/${index}.txt`
    files[path] = `Entry ${index}.\n`.repeat(1 + (index % 60))
  }
  await git(['-C', directory, 'fast-import', '--quiet'], commitOf(files))
  return directory
}

export async function removeSizedRepository(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true })
}

function commitOf(files: Readonly<Record<string, string>>): string {
  const lines = ['commit refs/heads/main', 'committer Ada <ada@example.org> 1700000000 +0000', data('First')]
  for (const [path, text] of Object.entries(files)) lines.push(`M 100644 inline ${path}`, data(text))
  return `${lines.join('\n')}\n`
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`
}

export async function git(args: readonly string[], input = ''): Promise<void> {
  const child = spawn('git', [...args], { stdio: ['pipe', 'ignore', 'inherit'] })
  child.stdin.end(input)
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`git ${args[0]} ended with ${code}`)
}
