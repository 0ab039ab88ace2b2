import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
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
    [['--repo', '.', '--prompt', ' '], '--prompt is empty. Write what to do: --prompt "<what to do>".'],
    [['--prompt', ''], '--prompt is empty. Write what to do: --prompt "<what to do>".'],
    [['--live', '--prompt='], '--prompt is empty. Write what to do: --prompt "<what to do>".'],
    [['--repo', ' ', '--prompt', 'x'], '--repo is empty. Name a git repository: --repo <path>.'],
    [['--live'], '--live needs --prompt "<what to do>" next to it.'],
    [
      ['--repo', empty, '--prompt', 'x'],
      `--repo ${empty}: that is no git repository. Run git init and commit something first.`,
    ],
    [
      ['--repo', unborn, '--prompt', 'x'],
      `--repo ${unborn}: the repository has no commit yet. Commit something first.`,
    ],
    [
      ['--with-local-changes', '--ignore-local-changes'],
      '--with-local-changes and --ignore-local-changes exclude each other. Leave one of them out.',
    ],
    [['--frob'], "Unknown option '--frob'."],
    [['stray'], 'The demo does not take "stray". Put a prompt in quotes: --prompt "<what to do>".'],
  ]
  for (const [args, message] of cases) {
    expect(() => readDemoOptions(args, empty)).toThrow(new Error(message))
  }
})

test('a folder inside a repository means the repository, relative to where the command was typed', () => {
  const repo = folder()
  execFileSync('git', ['init', '-q', repo])
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com']
  execFileSync('git', [...identity, 'commit', '-q', '--allow-empty', '-m', 'Start'], { cwd: repo })
  mkdirSync(join(repo, 'src'))
  expect(readDemoOptions(['--repo', 'src', '--prompt', ' do it '], repo)).toEqual({
    repo,
    uncommitted: 0,
    localChanges: undefined,
    prompt: 'do it',
    keep: false,
    live: false,
  })
})

test('changes that are not committed are counted, so that the demo can offer to take them along', () => {
  const repo = folder()
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], { cwd: repo })
  git('init', '-q')
  writeFileSync(join(repo, 'kept.txt'), 'one\n')
  git('add', '.')
  git('commit', '-q', '-m', 'Start')
  writeFileSync(join(repo, 'kept.txt'), 'two\n')
  writeFileSync(join(repo, 'new.txt'), 'untracked\n')
  writeFileSync(join(repo, 'staged.txt'), 'staged\n')
  git('add', 'staged.txt')
  expect(readDemoOptions(['--repo', repo, '--prompt', 'x'], repo)).toMatchObject({ repo, uncommitted: 3 })
})
