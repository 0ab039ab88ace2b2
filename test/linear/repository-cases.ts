import { createCommandLog } from '../../src/agent/builtin/command-log.ts'
import { quoteData } from '../../src/agent/builtin/quote-data.ts'
import { repositoryMap } from '../../src/agent/builtin/repository-map.ts'
import { findBareDiffs } from '../../src/agent/dummy/find-written-changes.ts'
import { findNamedThings } from '../../src/agent/dummy/search-terms.ts'
import { applyEdits } from '../../src/agent/tools/apply-edits.ts'
import { bash } from '../../src/agent/tools/bash.ts'
import { boundText, numberLines } from '../../src/agent/tools/bounded-output.ts'
import { gitPathspecs } from '../../src/agent/tools/git-pathspecs.ts'
import { readsOnly } from '../../src/agent/tools/reads-only.ts'
import { linesFrom, lineTotal } from '../../src/agent/tools/text-lines.ts'
import { workspaceGlob, workspacePath } from '../../src/agent/tools/workspace-files.ts'
import { diffGuard } from '../../src/checks/diff-guard.ts'
import { isDebris, isTestFile } from '../../src/checks/file-roles.ts'
import { detectRepository } from '../../src/checks/plans/detect-repository.ts'
import { isBranchName } from '../../src/github/branches.ts'
import { parseArgs } from '../../src/models/calls.ts'
import { findAiPolicy } from '../../src/pipeline/conventions/ai-policy.ts'
import { findTitleRules } from '../../src/pipeline/conventions/title-rules.ts'
import { titleStyleOf } from '../../src/pipeline/conventions/title-style.ts'
import { branchName } from '../../src/pipeline/publish/new-branch.ts'
import { fillTemplate } from '../../src/pipeline/texts/fill-template.ts'
import { humanLine } from '../../src/telemetry/logger.ts'
import { isBranchPrefix } from '../../src/text/branch-prefix.ts'
import { findEncoding } from '../../src/text/file-encoding.ts'
import { NOTHING } from '../../src/text/markdown/safe-markdown.ts'
import { readXml } from '../../src/text/read-xml.ts'
import { shellQuote } from '../../src/text/shell-quote.ts'
import { FEW_UNITS, HOSTILE_UNITS } from './hostile-units.ts'
import type { LinearCase } from './linear-case.ts'

const NO_ANSWERS = { assistance: NOTHING, summary: NOTHING, testing: NOTHING, issue: NOTHING }
const FILE = 1024 * 1024
const OUTPUT = 16 * 1024
const COMMAND = 120_000

export const projectWith = (file: string, text: string) => ({
  files: new Set([file]),
  tools: new Set(['npm']),
  toolchains: [],
  read: async (path: string) => (path === file ? text : undefined),
})

const guarded = (path: string, text: string) =>
  diffGuard([
    {
      path,
      status: 'modified',
      diff: `diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n+${text.replaceAll('\n', '\n+')}`,
    },
  ])

function claimed(command: string): unknown {
  const log = createCommandLog([])
  const detail = { kind: 'bash', command, output: '', exitCode: 0 } as const
  const shared = { callId: 'a', tool: 'bash', title: '', durationMs: 1 }
  log.observe({ type: 'tool.finished', status: 'ok', detail, ...shared })
  return log.describe([command])
}

/** Half of it quoted with one letter that is not there: the search goes through every step. */
const missing = (text: string) =>
  applyEdits(text, [{ old_string: `${text.slice(0, text.length / 2)}§`, new_string: 'b' }])

const everywhere = (text: string) =>
  applyEdits(
    text,
    Array.from({ length: 20 }, () => ({ old_string: 'a', new_string: 'aa', replace_all: true })),
  )

/** Languages of tests, and files that configure them. */
const GUARDED = [
  ...[
    'a.test.ts',
    'test_a.py',
    'a_test.go',
    'tests/a.rs',
    'ATest.java',
    'a.test.cs',
    'a_spec.rb',
    'a.test.php',
  ],
  ...['a_test.exs', 'a.test.swift', 'a.test.dart', 'a.bats', 'package.json', 'Makefile', 'pom.xml'],
]
const MANIFESTS =
  `package.json pyproject.toml composer.json Cargo.toml deno.json Makefile justfile Gemfile setup.cfg setup.py pom.xml
  .github/workflows/ci.yml .gitlab-ci.yml .travis.yml pubspec.yaml Taskfile.yml AGENTS.md tox.ini noxfile.py CMakeLists.txt
  go.work`.split(/\s+/)
const FILES = Array.from({ length: 2000 }, (_, index) => `src/folder${index % 50}/index${index % 9}.ts`)

/** Files, names, output and what a model asks for. */
export const REPOSITORY_CASES: readonly LinearCase[] = [
  { file: 'agent/builtin/command-log.ts', name: 'a command', limit: 20_000, work: claimed },
  {
    file: 'agent/builtin/quote-data.ts',
    name: 'quoteData',
    limit: OUTPUT,
    work: (text) => quoteData({ source: text, text, nonce: 'n' }),
  },
  {
    file: 'agent/builtin/repository-map.ts',
    name: 'names of files',
    limit: 64_000,
    work: (t) => repositoryMap(t.split('a'), 9),
  },
  {
    file: 'text/read-xml.ts',
    name: 'readXml',
    limit: 256_000,
    units: [...HOSTILE_UNITS, '<a>', '&x;', '<a b="c"/>', '<!DOCTYPE a ['],
    work: (t) => readXml(`<r>${t}`, { open: () => {}, close: () => {}, text: () => {} }),
  },
  {
    file: 'agent/dummy/find-written-changes.ts',
    name: 'findBareDiffs',
    limit: 65_536,
    work: (t) => findBareDiffs(t, () => false),
  },
  {
    file: 'agent/dummy/search-terms.ts',
    name: 'findNamedThings',
    limit: 40_000,
    work: (t) => findNamedThings(t, FILES),
  },
  {
    file: 'agent/tools/apply-edits.ts',
    name: 'text that is not there',
    limit: FILE,
    units: FEW_UNITS,
    work: missing,
  },
  {
    file: 'agent/tools/apply-edits.ts',
    name: 'twenty doublings',
    limit: FILE,
    units: FEW_UNITS,
    work: everywhere,
  },
  {
    file: 'text/file-encoding.ts',
    name: 'bytes in no known encoding',
    limit: FILE,
    units: FEW_UNITS,
    work: (t) =>
      findEncoding(Buffer.concat([Buffer.from(`# coding: ${t}`), Buffer.from([0xe9]), Buffer.from(t)])),
  },
  {
    file: 'agent/tools/find-text.ts',
    name: 'typography',
    limit: 199_000,
    units: FEW_UNITS,
    work: (t) => applyEdits(`${t}\u2019x`, [{ old_string: `${t}'x`, new_string: 'b' }]),
  },
  {
    file: 'agent/tools/bash.ts',
    name: 'arguments',
    limit: COMMAND,
    work: (command) => bash.prepare({ command, cwd: command }),
  },
  {
    file: 'agent/tools/bounded-output.ts',
    name: 'boundText',
    limit: FILE,
    units: FEW_UNITS,
    work: (t) => boundText(t, 4096),
  },
  {
    file: 'agent/tools/bounded-output.ts',
    name: 'numberLines',
    limit: 64_000,
    work: (t) => numberLines(t.split('\n'), { first: 1 }),
  },
  { file: 'agent/tools/git-pathspecs.ts', name: 'a glob', limit: 20_000, work: (t) => gitPathspecs(t, '.') },
  { file: 'agent/tools/reads-only.ts', name: 'a command', limit: 2000, work: readsOnly },
  { file: 'text/shell-quote.ts', name: 'shellQuote', limit: COMMAND, work: shellQuote },
  {
    file: 'agent/tools/text-lines.ts',
    name: 'lines of a file',
    limit: FILE,
    units: FEW_UNITS,
    work: (t) => linesFrom(t, { first: lineTotal(t) - 5, most: 800 }),
  },
  {
    file: 'agent/tools/workspace-files.ts',
    name: 'a path',
    limit: 4096,
    work: (t) => workspacePath('/home/user/workspace', t),
  },
  {
    file: 'agent/tools/workspace-files.ts',
    name: 'a glob',
    limit: 4096,
    work: (t) => workspaceGlob('/home/user/workspace', t),
  },
  { file: 'checks/file-roles.ts', name: 'a path', limit: 4096, work: (t) => [isTestFile(t), isDebris(t)] },
  ...GUARDED.map((path) => ({
    file: 'checks/diff-guard.ts',
    name: path,
    limit: 16_000,
    work: (t: string) => guarded(path, t),
  })),
  ...MANIFESTS.map((path) => ({
    file: 'checks/plans/detect-repository.ts',
    name: path,
    limit: 64_000,
    work: (t: string) => detectRepository(projectWith(path, t)),
  })),
  { file: 'github/branches.ts', name: 'isBranchName', limit: 65_536, work: isBranchName },
  { file: 'text/branch-prefix.ts', name: 'isBranchPrefix', limit: 65_536, work: isBranchPrefix },
  {
    file: 'pipeline/conventions/ai-policy.ts',
    name: 'a text for contributors',
    limit: 32_768,
    work: (t) => findAiPolicy([{ path: 'CONTRIBUTING.md', text: `AI code ${t}` }]),
  },
  {
    file: 'pipeline/conventions/title-style.ts',
    name: 'a title',
    limit: 4096,
    work: (t) => titleStyleOf([t, t, t, t, t]),
  },
  {
    file: 'pipeline/conventions/title-rules.ts',
    name: 'rules for titles',
    limit: 8192,
    work: (t) => findTitleRules([{ path: 'commitlint.config.js', text: `"type-enum": [${t}` }]),
  },
  {
    file: 'pipeline/texts/fill-template.ts',
    name: 'a template',
    limit: 16_000,
    work: (t) => fillTemplate(`# What\n- [ ] ${t}`, NO_ANSWERS, { repository: 'a/b', mayMention: [] }),
  },
  { file: 'models/calls.ts', name: 'arguments', limit: 65_536, work: parseArgs },
  {
    file: 'pipeline/publish/new-branch.ts',
    name: 'a title',
    limit: 65_536,
    work: (t) => branchName({ id: 'abc', request: {} } as Parameters<typeof branchName>[0], t),
  },
  {
    file: 'telemetry/logger.ts',
    name: 'a line',
    limit: 65_536,
    work: (msg) => humanLine(JSON.stringify({ msg, error: msg })),
  },
]
