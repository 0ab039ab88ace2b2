import { type ChildProcess, spawn } from 'node:child_process'

export interface GitOptions {
  readonly input?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
  /** Exit codes that are an answer rather than a failure; default only 0. */
  readonly accept?: readonly number[]
}

/** Runs git in a bare repository and answers its standard output as bytes. */
export type RunGit = (directory: string, args: readonly string[], options?: GitOptions) => Promise<GitResult>

export interface GitResult {
  readonly exitCode: number
  readonly stdout: Buffer
  readonly text: string
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
export function gitEnvironment(globalConfig: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: '/nonexistent',
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: globalConfig,
    GIT_TERMINAL_PROMPT: '0',
  }
}

/** Builds the git runner. @param globalConfig file that stands for `~/.gitconfig`. */
export function createRunGit(globalConfig: string): RunGit {
  const environment = gitEnvironment(globalConfig)
  return function runGit(directory, args, options = {}) {
    const child = spawn('git', args, {
      cwd: directory,
      env: { ...environment, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    // git may exit before it has read everything; its exit code then tells the story.
    child.stdin.on('error', () => {})
    child.stdin.end(options.input ?? '')
    return finish(child, args, options.accept ?? [0])
  }
}

function finish(child: ChildProcess, args: readonly string[], accept: readonly number[]): Promise<GitResult> {
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exitCode) => {
      if (exitCode === null || !accept.includes(exitCode)) {
        reject(new GitError(args, exitCode, Buffer.concat(stderr).toString()))
        return
      }
      const bytes = Buffer.concat(stdout)
      resolve({
        exitCode,
        stdout: bytes,
        get text() {
          return bytes.toString()
        },
      })
    })
  })
}
