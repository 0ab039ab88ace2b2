import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readDemoOptions } from './demo-options.ts'

function folder(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'demo-options-')))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('each mistake is answered with one sentence that says what to do', () => {
  const empty = folder()
  const unborn = folder()
  execFileSync('git', ['init', '-q', unborn])
  const cases: [string[], string][] = [
    [['--repo', '.'], '--repo needs --prompt "<what to do>" next to it.'],
    [['--repo', '.', '--prompt', ' '], '--repo needs --prompt "<what to do>" next to it.'],
    [['--live'], '--live needs --prompt "<what to do>" next to it.'],
    [
      ['--repo', empty, '--prompt', 'x'],
      `--repo ${empty}: that is no git repository. Run git init and commit something first.`,
    ],
    [
      ['--repo', unborn, '--prompt', 'x'],
      `--repo ${unborn}: the repository has no commit yet. Commit something first.`,
    ],
    [['--frob'], "Unknown option '--frob'."],
    [['stray'], 'The demo does not know what to do with "stray"; a prompt goes in quotes.'],
  ]
  for (const [args, message] of cases) {
    expect(() => readDemoOptions(args, empty)).toThrow(new Error(message))
  }
})

test('a folder inside a repository stands for the repository, as seen from where the command was typed', () => {
  const repo = folder()
  execFileSync('git', ['init', '-q', repo])
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com']
  execFileSync('git', [...identity, 'commit', '-q', '--allow-empty', '-m', 'Start'], { cwd: repo })
  mkdirSync(join(repo, 'src'))
  expect(readDemoOptions(['--repo', 'src', '--prompt', ' do it '], repo)).toEqual({
    repo,
    prompt: 'do it',
    keep: false,
    live: false,
  })
})
