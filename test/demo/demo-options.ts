import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { wrongOption } from '../../src/commands/terminal/run/wrong-usage.ts'

export interface DemoOptions {
  /** Absolute path of a local git repository; undefined: the one that ships with the demo. */
  readonly repo: string | undefined
  /** Files of `repo` that differ from its last commit, untracked ones included. */
  readonly uncommitted: number
  /** What happens to them; undefined: the person is asked. */
  readonly localChanges: 'take' | 'ignore' | undefined
  /** Undefined: the scripted story. */
  readonly prompt: string | undefined
  readonly keep: boolean
  readonly live: boolean
}

export const USAGE = `Usage:
  npm run demo                                       the whole product on this machine, without keys
  npm run demo -- --repo <path> --prompt "<what>"    the same on a copy of your own repository
    --with-local-changes | --ignore-local-changes    what happens to files that are not committed
  npm run demo -- --live --prompt "<what>"           with the models and sandbox of your .env; costs money
  npm run demo -- --keep                             leaves everything running, to click around`

/**
 * @param from folder that a relative path is meant from.
 * @throws {Error} that says what to write instead.
 */
export function readDemoOptions(args: readonly string[], from: string): DemoOptions | 'help' {
  const values = parse(args)
  if (values.help) return 'help'
  const prompt = values.prompt?.trim()
  if (prompt === '') throw new Error('--prompt is empty. Write what to do: --prompt "<what to do>".')
  if (values.repo?.trim() === '') throw new Error('--repo is empty. Name a git repository: --repo <path>.')
  if (values.repo !== undefined && prompt === undefined) {
    throw new Error('--repo needs --prompt "<what to do>" next to it.')
  }
  if (values.live && prompt === undefined) {
    throw new Error('--live needs --prompt "<what to do>" next to it.')
  }
  const repo = values.repo === undefined ? undefined : findRepository(values.repo, from)
  const uncommitted = repo === undefined ? 0 : countUncommitted(repo)
  const { keep, live } = values
  return { repo, uncommitted, localChanges: localChangesOf(values), prompt, keep, live }
}

function localChangesOf(values: ReturnType<typeof parse>): DemoOptions['localChanges'] {
  const [take, ignore] = [values['with-local-changes'], values['ignore-local-changes']]
  if (take && ignore) {
    throw new Error(
      '--with-local-changes and --ignore-local-changes exclude each other. Leave one of them out.',
    )
  }
  return take ? 'take' : ignore ? 'ignore' : undefined
}

function parse(args: readonly string[]) {
  const { values, positionals } = parseKnown(args)
  if (positionals.length > 0) {
    throw new Error(
      `The demo does not take "${positionals[0]}". Put a prompt in quotes: --prompt "<what to do>".`,
    )
  }
  return values
}

function parseKnown(args: readonly string[]) {
  try {
    return parseDemoArgs(args)
  } catch (error) {
    throw new Error(wrongOption(error), { cause: error })
  }
}

function parseDemoArgs(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      repo: { type: 'string' },
      prompt: { type: 'string' },
      keep: { type: 'boolean', default: false },
      'with-local-changes': { type: 'boolean', default: false },
      'ignore-local-changes': { type: 'boolean', default: false },
      live: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
}

/** The repository that a path lies in; its top folder, or the path itself when it is bare. */
function findRepository(asWritten: string, from: string): string {
  const path = resolve(from, asWritten)
  if (!existsSync(path)) throw new Error(`--repo ${asWritten}: there is no such folder.`)
  if (git(path, 'rev-parse', '--git-dir') === undefined) {
    throw new Error(
      `--repo ${asWritten}: that is no git repository. Run git init and commit something first.`,
    )
  }
  if (git(path, 'rev-parse', '--verify', 'HEAD') === undefined) {
    throw new Error(`--repo ${asWritten}: the repository has no commit yet. Commit something first.`)
  }
  return git(path, 'rev-parse', '--show-toplevel') ?? path
}

/** A bare repository has no files that could differ. */
function countUncommitted(repo: string): number {
  return (git(repo, 'status', '--porcelain', '--untracked-files=all') ?? '')
    .split('\n')
    .filter((line) => line !== '').length
}

/** What git prints; undefined when it fails. */
function git(path: string, ...args: readonly string[]): string | undefined {
  try {
    const all = ['-c', 'safe.directory=*', '-C', path, ...args]
    return execFileSync('git', all, { encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return undefined
  }
}
