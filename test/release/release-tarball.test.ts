import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { processEnvironment } from '../support/environment.ts'
import { QUICK_WASM } from '../support/quick-wasm.ts'
import { copyTemplateDatabase } from '../support/template-database.ts'

const ROOT = join(import.meta.dirname, '../..')
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const NAME = `backspace-${manifest.version}`
const directory = mkdtempSync(join(tmpdir(), 'backspace-release-'))
/** A repository of its own, with the files as they are now, so that this needs neither a commit nor a clone. */
const inRepository = {
  ...process.env,
  GIT_DIR: join(directory, 'git'),
  GIT_WORK_TREE: ROOT,
  GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
  GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
}

function git(...args: readonly string[]): void {
  const who = ['-c', 'user.name=ada', '-c', 'user.email=ada@example.org']
  execFileSync('git', [...who, ...args], { cwd: ROOT, env: inRepository })
}

function commitChangelog(content: string): void {
  const options = { cwd: ROOT, env: inRepository, input: content }
  const blob = execFileSync('git', ['hash-object', '-w', '--stdin'], options).toString().trim()
  git('update-index', '--cacheinfo', `100644,${blob},CHANGELOG.md`)
  git('commit', '--quiet', '--message', 'changelog')
}

/** Packs with the umask of some person. */
function pack(to: string, umask = '022', ...options: readonly string[]) {
  const args = [join(ROOT, '.ci/release-tarball.js'), '--to', join(directory, to), ...options]
  const command = ['-c', `umask ${umask}; exec "$@"`, 'sh', process.execPath, ...args]
  return spawnSync('sh', command, { cwd: directory, env: inRepository, encoding: 'utf8' })
}

const packed = (folder: string, ending: string) => readFileSync(join(directory, folder, NAME + ending))

beforeAll(() => {
  git('init', '--quiet')
  git('add', '--', ...'.env.example .npmrc CHANGELOG.md LICENSE README.md SECURITY.md app.yml'.split(' '))
  git('add', '--', ...'package.json package-lock.json bin client deploy docs src test/support'.split(' '))
  git(
    'add',
    '--',
    ...'.dockerignore Dockerfile compose.yaml render.yaml Procfile app.json fly.toml'.split(' '),
  )
  git('commit', '--quiet', '--message', 'all')
  expect(pack('first')).toMatchObject({ status: 0, stderr: '' })
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

test('the same commit gives the same bytes, with a checksum and what they were made from', () => {
  pack('second', '077')
  expect(packed('second', '.tar.gz').equals(packed('first', '.tar.gz'))).toBe(true)
  const sha256 = createHash('sha256').update(packed('first', '.tar.gz')).digest('hex')
  expect(packed('first', '.tar.gz.sha256').toString()).toBe(`${sha256}  ${NAME}.tar.gz\n`)
  const provenance = JSON.parse(packed('first', '.provenance.json').toString())
  expect(provenance.subject).toEqual([{ name: `${NAME}.tar.gz`, digest: { sha256 } }])
})

test('a release needs a tag and a section of the changelog, and takes its notes from there', () => {
  const release = (...options: readonly string[]) => pack('release', '022', '--release', ...options)
  const refused = (reason: RegExp) => ({ status: 1, stderr: expect.stringMatching(reason) })
  commitChangelog('# Changelog\n\n## Unreleased\n\nNew things.\n')
  expect(release()).toMatchObject(refused(/has no tag v\d+\.\d+\.\d+\. Tag it/))
  git('tag', `v${manifest.version}`)
  expect(release()).toMatchObject(refused(/no section "## \d+\.\d+\.\d+"/))

  commitChangelog(
    `# Changelog\n\n## Unreleased\n\n## ${manifest.version} (2026-01-01)\n\nNew.\n\n## 0.0.1\n\nOld.\n`,
  )
  git('tag', '--force', `v${manifest.version}`)
  expect(release('--ref', `v${manifest.version}`)).toMatchObject({ status: 0 })
  expect(packed('release', '.notes.md').toString()).toBe('New.\n')
})

test('what is in the tarball starts with the packages of production alone, and stops', async () => {
  execFileSync('tar', ['-xzf', join(directory, 'first', `${NAME}.tar.gz`), '-C', directory])
  const unpacked = join(directory, NAME)
  const names = execFileSync('ls', ['-A', unpacked], { encoding: 'utf8' }).trim().split('\n')
  expect(names).toEqual(
    expect.arrayContaining(['.npmrc', 'package-lock.json', 'bin', 'src', 'LICENSE', 'Dockerfile']),
  )
  expect(names.filter((name) => /^(test|\.git|\.ci|\.env|\.data|node_modules)$/.test(name))).toEqual([])
  linkPackages(unpacked)

  const dataDir = await copyTemplateDatabase()
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  const [program = '', ...args] = `${manifest.scripts.start}`.split(' ')
  const env = { ...processEnvironment(), PORT: '0', DATA_DIR: dataDir, NODE_OPTIONS: '' }
  const child = spawn(program, [QUICK_WASM, ...args], {
    cwd: unpacked,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  const errors = text(child.stderr)
  const url = await new Promise<string | undefined>((resolve) => {
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
      const found = /Backspace listens on (http:\/\/[^"\s]+)/.exec(output)?.[1]
      if (found) resolve(found)
    })
    void ended.then(() => resolve(undefined))
  })
  if (url === undefined) expect.fail(`it ended before it listened:\n${await errors}`)
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
})

/** What `npm ci --omit=dev` would install, from the packages that are here: an import of a development tool fails. */
function linkPackages(folder: string): void {
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'))
  for (const [path, { dev }] of Object.entries<{ dev?: boolean }>(packages)) {
    if (dev || !/^node_modules\/(?:@[^/]+\/)?[^/]+$/.test(path)) continue
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    symlinkSync(join(ROOT, path), join(folder, path))
  }
}
