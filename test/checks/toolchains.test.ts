import { describe, expect, onTestFinished, test } from 'vitest'
import { readProject } from '../../src/checks/project.ts'
import { runChecks } from '../../src/checks/run-checks.ts'
import { runSetup } from '../../src/checks/run-setup.ts'
import { readConfig } from '../../src/config.ts'
import { createLocalSandboxProvider } from '../../src/sandbox/local/local-sandbox.ts'
import { findProgram, probeLocalSandbox } from '../../src/sandbox/local/probe-local-sandbox.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { plannedChecks, plannedSetup } from './project-of.ts'

/** Real projects with real toolchains of this machine, in the box that they would run in. */
const { hostEnvironment, path, sandbox: settings } = readConfig({ ...process.env, E2B_API_KEY: '' })
const probe = await probeLocalSandbox({ path })
const { signal } = new AbortController()

/** What is missing here, as a part of a title; empty when nothing is. */
function missing(...programs: readonly string[]): string {
  if (!probe.available) return ` (${probe.message})`
  const absent = programs.filter((program) => findProgram(program, path) === undefined)
  return absent.length === 0 ? '' : ` (not installed: ${absent.join(', ')})`
}

async function unreachable(url: string): Promise<string> {
  const answer = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(10_000) }).catch(
    () => undefined,
  )
  return answer?.ok ? '' : ` (not reached from here: ${new URL(url).hostname})`
}

interface Example {
  readonly files: Readonly<Record<string, string>>
  /** Files outside the repository. */
  readonly home?: Readonly<Record<string, string>> | undefined
  readonly setup: readonly string[]
  readonly checks: readonly string[]
  /** What the failing check says. */
  readonly complaint: string | RegExp
  /** The change that fixes it. */
  readonly fix: readonly [path: string, from: string, to: string]
}

/** Installs, sees the check fail, fixes the code, and sees it pass. */
async function fixInSandbox({ files, home = {}, setup, checks, complaint, fix }: Example): Promise<Sandbox> {
  const provider = createLocalSandboxProvider({
    deployment: 'toolchains',
    mode: 'bubblewrap',
    path,
    certificates: hostEnvironment,
  })
  const egress = { allowHosts: settings.egressHosts }
  const sandbox = await provider.create({ runId: 'r', timeoutMs: 300_000, egress })
  onTestFinished(() => sandbox.kill())
  const workspace = `${sandbox.home}/workspace`
  const write = (file: string, text: string) => sandbox.writeFile(`${workspace}/${file}`, Buffer.from(text))
  for (const [file, text] of Object.entries(files)) await write(file, text)
  for (const [file, text] of Object.entries(home)) await write(`../${file}`, text)

  const project = await readProject(sandbox, { workspace, signal })
  const plan = { commands: await plannedSetup(project), source: '' }
  const { commands } = await plannedChecks(project)
  expect([plan.commands, commands]).toEqual([setup, checks])
  const report = await runSetup(sandbox, {
    workspace,
    plan,
    signal,
    timeoutMs: 240_000,
    egressHosts: settings.egressHosts,
  })
  expect([report.message, report.status]).toEqual([report.message, setup.length === 0 ? 'skipped' : 'ok'])

  const request = { workspace, commands, signal, limitOf: () => 240_000, togetherMs: 240_000 }
  const before = await runChecks(sandbox, request)
  expect(before.map(({ tail }) => tail).join('\n')).toMatch(complaint)
  expect(before.map(({ exitCode }) => exitCode === 0)).toEqual([false])
  const [file, from, to] = fix
  await write(file, files[file]?.replace(from, to) ?? '')
  const after = await runChecks(sandbox, request)
  expect(after).toEqual([expect.objectContaining({ exitCode: 0 })])
  return sandbox
}

describe('a failing test is fixed in the box', { timeout: 240_000 }, () => {
  const node = missing('node', 'npm')
  test.skipIf(node !== '')(`JavaScript without dependencies${node}`, async () => {
    await fixInSandbox({
      files: {
        'package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
        'sum.js': 'exports.sum = (a, b) => a - b\n',
        'sum.test.js':
          "const { sum } = require('./sum.js')\nrequire('node:test')('sum', () => require('node:assert').equal(sum(1, 2), 3))\n",
      },
      setup: [],
      checks: ['npm test'],
      complaint: /fail 1/,
      fix: ['sum.js', 'a - b', 'a + b'],
    })
  })

  const python = missing('python3', 'pytest')
  test.skipIf(python !== '')(`Python with pytest${python}`, async () => {
    const sandbox = await fixInSandbox({
      files: {
        'sums.py': 'def add(a, b):\n    return a - b\n',
        'test_sums.py': 'from sums import add\n\ndef test_add():\n    assert add(1, 2) == 3\n',
      },
      setup: [],
      checks: ['python3 -m pytest'],
      complaint: /assert -1 == 3/,
      fix: ['sums.py', 'a - b', 'a + b'],
    })
    // What people type themselves.
    const typed = await sandbox.exec('pytest -q && pip --version', { cwd: `${sandbox.home}/workspace` })
    expect([typed.exitCode, typed.stdout]).toEqual([0, expect.stringContaining('1 passed')])
  })

  // Less work for the compiler, which makes its whole standard library in the empty home of the box.
  const quickly = 'GOFLAGS=-vet=off "-gcflags=all=-l -dwarf=false"\n'
  const go = missing('go')
  test.skipIf(go !== '')(`Go${go}`, async () => {
    await fixInSandbox({
      files: {
        'go.mod': 'module example.org/sums\n\ngo 1.21\n',
        'sums.go': 'package sums\n\nfunc Add(a, b int) int { return a - b }\n',
        'sums_test.go':
          'package sums\n\nimport "testing"\n\nfunc TestAdd(t *testing.T) {\n\tif got := Add(1, 2); got != 3 {\n\t\tt.Fatalf("got %d", got)\n\t}\n}\n',
      },
      setup: ['go mod download'],
      checks: ['go test ./...'],
      home: { '.config/go/env': quickly },
      complaint: /got -1/,
      fix: ['sums.go', 'a - b', 'a + b'],
    })
  })

  const rust = missing('cargo', 'cc')
  test.skipIf(rust !== '')(`Rust${rust}`, async () => {
    await fixInSandbox({
      files: {
        'Cargo.toml': '[package]\nname = "sums"\nversion = "0.1.0"\nedition = "2021"\n',
        'src/lib.rs':
          'pub fn add(a: i32, b: i32) -> i32 {\n    a - b\n}\n\n#[test]\nfn adds() {\n    assert_eq!(add(1, 2), 3);\n}\n',
      },
      setup: ['cargo fetch'],
      checks: ['cargo test'],
      complaint: /left: -1/,
      fix: ['src/lib.rs', 'a - b', 'a + b'],
    })
  })
})

describe('dependencies come through the egress proxy', { timeout: 240_000 }, async () => {
  const npm = missing('node', 'npm') || (await unreachable('https://registry.npmjs.org/is-number'))
  test.skipIf(npm !== '')(`JavaScript with npm ci${npm}`, async () => {
    const dependency = {
      version: '7.0.0',
      resolved: 'https://registry.npmjs.org/is-number/-/is-number-7.0.0.tgz',
      integrity:
        'sha512-41Cifkg6e8TylSpdtTpeLVMqvSBEVzTttHvERD741+pnZ8ANv0004MRL43QKPDlK9cGvNp6NZWZUBlbGXYxxng==',
    }
    const manifest = { name: 'counts', version: '1.0.0', dependencies: { 'is-number': '7.0.0' } }
    await fixInSandbox({
      files: {
        'package.json': JSON.stringify({
          ...manifest,
          scripts: { test: 'node --test' },
        }),
        'package-lock.json': JSON.stringify({
          name: 'counts',
          version: '1.0.0',
          lockfileVersion: 3,
          packages: { '': manifest, 'node_modules/is-number': dependency },
        }),
        'counts.test.js':
          "const isNumber = require('is-number')\nconst wanted = false\nrequire('node:test')('counts', () => require('node:assert').equal(isNumber('7'), wanted))\n",
      },
      setup: ['npm ci'],
      checks: ['npm test'],
      complaint: /fail 1/,
      fix: ['counts.test.js', '= false', '= true'],
    })
  })

  const pip = missing('python3') || (await unreachable('https://pypi.org/simple/six/'))
  test.skipIf(pip !== '')(`Python with pip${pip}`, async () => {
    await fixInSandbox({
      files: {
        'requirements.txt': 'six\n',
        'test_texts.py':
          'import unittest\nimport six\n\nclass Texts(unittest.TestCase):\n    def test_text(self):\n        self.assertEqual(six.ensure_text(b"a"), "b")\n',
      },
      setup: ['python3 -m venv .venv', '.venv/bin/python3 -m pip install --quiet -r requirements.txt'],
      checks: ['python3 -m unittest discover'],
      complaint: /'a' != 'b'/,
      fix: ['test_texts.py', '"b")', '"a")'],
    })
  })
})
