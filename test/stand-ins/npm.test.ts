import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, test } from 'vitest'
import { NPM_STAND_IN } from '../support/start-world.ts'

const PATH = process.env.PATH ?? ''
const manifest = (scripts: Record<string, string>, more = {}) =>
  JSON.stringify({ name: 'greeter', version: '1.0.0', private: true, ...more, scripts }, null, 2)

test.each([
  ['a script that passes', manifest({ test: 'echo "$npm_lifecycle_event of $npm_package_name"' })],
  ['a script that fails', manifest({ test: 'echo no >&2; exit 3' })],
  ['one script of several', manifest({ build: 'echo built', test: 'echo test: passed' })],
  ['scripts before and after', manifest({ pretest: 'echo first', test: 'echo second' })],
  ['no script', manifest({ build: 'echo built' })],
  ['an escape', manifest({ test: 'printf "a\\n"' })],
  ['objects', manifest({ test: 'echo yes' }, { engines: { node: '>=20' } })],
  ['no name', '{"version":"1.0.0","scripts":{"test":"echo nameless, $npm_package_version"}}'],
  ['no version', '{"name":"größen","scripts":{"test":"echo $npm_package_name"}}'],
  ['a name of no characters', '{"name":"","version":"1.0.0","scripts":{"test":"echo empty"}}'],
  ['neither', '{"scripts":{"test":"env | grep ^npm_package_name; true"}}'],
  [
    'one name twice',
    '{"name":"a","name":"b","version":"1.0.0","scripts":{"test":"exit 1","test":"echo last"}}',
  ],
  ['no JSON', '{"name":"greeter","version":"1.0.0","scripts":{"test":"true"}'],
  ['no package.json', undefined],
])('the stand-in for npm answers as npm does: %s', async (_title, text) => {
  const directory = await mkdtemp(join(tmpdir(), 'npm-'))
  if (text !== undefined) await writeFile(join(directory, 'package.json'), text)
  const [real, standIn] = await Promise.all(
    [PATH, [NPM_STAND_IN, PATH].join(delimiter)].map((path) => npmTest(directory, path)),
  )
  await rm(directory, { recursive: true })
  expect(standIn).toEqual(real)
})

/** What `npm test` says, apart from the name of its log. */
async function npmTest(directory: string, path: string) {
  return await new Promise((resolve) => {
    const env = { PATH: path, HOME: directory, NO_UPDATE_NOTIFIER: '1' }
    execFile('npm', ['test'], { cwd: directory, env }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr: stderr.replaceAll(/[\w-]+-debug-0\.log/g, 'LOG') })
    })
  })
}
