import { type ChildProcess, fork, spawn } from 'node:child_process'

interface GitOptions {
  readonly input?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
  /** Exit codes that are an answer rather than a failure; default only 0. */
  readonly accept?: readonly number[]
}

/** Runs git in a directory and answers its standard output as bytes. */
export type RunGit = (directory: string, args: readonly string[], options?: GitOptions) => Promise<GitResult>

/** A bare repository on disk, and git at work in it. */
export interface BareRepository {
  readonly path: string
  git(args: readonly string[], options?: GitOptions): Promise<GitResult>
}

interface GitResult {
  readonly exitCode: number
  readonly stdout: Buffer
  readonly text: string
}

/** What is sent to the process that starts git. */
interface GitOrder {
  readonly id: number
  readonly directory: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly input: string | Uint8Array
}

/** And what it answers; the exit code is null when git did not run, or was killed. */
interface GitAnswer {
  readonly id: number
  readonly exitCode: number | null
  readonly stdout: Uint8Array
  readonly stderr: string
}

/** A git command that failed; `stderr` says why. */
export class GitError extends Error {
  readonly stderr: string

  constructor(args: readonly string[], exitCode: number | null, stderr: string) {
    super(`git ${args[0]} exited with ${exitCode}: ${stderr.trim()}`)
    this.stderr = stderr
  }
}

/** The environment of every git process: none of the machine's or the user's own configuration. */
function gitEnvironment(globalConfig: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: '/nonexistent',
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: globalConfig,
    GIT_TERMINAL_PROMPT: '0',
  }
}

/** Builds the git runner. @param globalConfig file used as `~/.gitconfig`. */
export function createRunGit(globalConfig: string): RunGit {
  const environment = gitEnvironment(globalConfig)
  /** What git answered about objects that were named by their full SHA: they never change. */
  const answers = new Map<string, GitAnswer>()
  return async function runGit(directory, args, options = {}) {
    const { input = '', accept = [0] } = options
    const order = { directory, args, env: { ...environment, ...options.env }, input }
    const key = isAboutObjects(order) ? JSON.stringify([directory, args, options.env]) : undefined
    const known = key === undefined ? undefined : answers.get(key)
    const answer = known ?? (await forker.ask(order))
    const { exitCode, stdout, stderr } = answer
    if (exitCode === null || !accept.includes(exitCode)) throw new GitError(args, exitCode, stderr)
    if (key !== undefined && exitCode === 0 && stdout.byteLength < MAX_KEPT_BYTES) answers.set(key, answer)
    const bytes = Buffer.from(stdout.buffer, stdout.byteOffset, stdout.byteLength)
    return {
      exitCode,
      stdout: bytes,
      get text() {
        return bytes.toString()
      },
    }
  }
}

const MAX_KEPT_BYTES = 64 * 1024

const READERS = new Set([
  'cat-file',
  'diff-tree',
  'ls-tree',
  'merge-base',
  'merge-tree',
  'rev-list',
  'rev-parse',
])

/** Does the command only read, and name every object by its full SHA? Paths may follow a `--`. */
function isAboutObjects({ args: [command = '', ...args], input }: Omit<GitOrder, 'id'>): boolean {
  const end = args.indexOf('--')
  const names = args
    .slice(0, end < 0 ? undefined : end)
    .filter((arg) => !/^-|^(blob|commit|tag|tree)$/.test(arg))
  return (
    READERS.has(command) && input.length === 0 && names.every((name) => OBJECT.test(name)) && names.length > 0
  )
}

const OBJECT = /^\^?[0-9a-f]{40}(\^1|\^\{(commit|tree)\})?$/

/** One for all stand-ins of this process; it starts with the first order and ends with this process. */
const forker = createForker()

function createForker() {
  const waiting = new Map<number, (answer: GitAnswer) => void>()
  let child: ChildProcess | undefined
  let lastId = 0

  function start(): ChildProcess {
    const started = fork(import.meta.filename, {
      serialization: 'advanced',
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    started.on('message', (answer: GitAnswer) => waiting.get(answer.id)?.(answer))
    const over = () => {
      if (child === started) child = undefined
      for (const [id, answer] of waiting) {
        answer({ id, exitCode: null, stdout: Buffer.alloc(0), stderr: 'the process that starts git ended' })
      }
    }
    started.on('exit', over)
    // An order that can no longer be sent.
    started.on('error', over)
    started.unref()
    return started
  }

  return {
    async ask(order: Omit<GitOrder, 'id'>): Promise<GitAnswer> {
      const id = ++lastId
      child ??= start()
      const helper = child
      helper.channel?.ref()
      const answer = await new Promise<GitAnswer>((resolve) => {
        waiting.set(id, resolve)
        helper.send({ id, ...order } satisfies GitOrder)
      })
      waiting.delete(id)
      // Only while git is at work does it keep this process from ending.
      if (waiting.size === 0) helper.channel?.unref()
      return answer
    },
  }
}

/**
 * This file is also a process of its own that starts git. A process that holds an embedded database is hundreds of
 * megabytes large, and each start of another out of it takes ten times as long as out of this one.
 */
function obey(order: GitOrder): void {
  const { directory, args, env, input } = order
  const child = spawn('git', args, { cwd: directory, env, stdio: 'pipe' })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  // git may exit before it has read everything; its exit code then says why.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  child.on('error', (error) => answer({ exitCode: null, stdout: Buffer.alloc(0), stderr: error.message }))
  child.on('close', (exitCode) => {
    answer({ exitCode, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() })
  })

  function answer(result: Omit<GitAnswer, 'id'>): void {
    // The process that asked may be gone.
    if (process.connected) process.send?.({ id: order.id, ...result } satisfies GitAnswer)
  }
}

if (process.argv[1] === import.meta.filename) process.on('message', obey)
