import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { claudeCommand } from '../../../src/agent/claude-code/claude-command.ts'
import { userLine } from '../../../src/agent/claude-code/input-lines.ts'
import { type CliLine, readLine } from '../../../src/agent/claude-code/read-line.ts'
import { bashArguments } from '../../../src/sandbox/box/shells.ts'
import { claudeCodeBinary } from '../../support/claude-code.ts'

/** One run of the real Claude Code, as a sandbox starts it. */
export interface ClaudeRun {
  readonly origin: string
  readonly token: string
  readonly workspace: string
  /** Of the sandbox's user; its profile is read. */
  readonly home: string
  readonly prompt: string
  /** That of an earlier run, whose session goes on. */
  readonly resume?: string | undefined
  /** Of the sandbox. */
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly more?: Partial<Parameters<typeof claudeCommand>[0]> | undefined
  /** Changes the command. */
  readonly command?: ((command: string) => string) | undefined
}

export interface ClaudeRunEnd {
  readonly configDirectory: string
  readonly exitCode: number
  readonly lines: readonly CliLine[]
  /** The last one. */
  readonly result: Extract<CliLine, { type: 'result' }> | undefined
  readonly errors: string
}

const SESSION = '11111111-1111-4111-8111-111111111111'
const POLL_MS = 20
/** Many are started at once, on a machine that others use too. */
const TOO_LONG_MS = 170_000

export const TOOLS = ['Bash', 'Read', 'Edit', 'Write', 'Grep', 'Glob', 'TodoWrite']
const ANSWER = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] }

/** Ends its input at the first result, as nothing else is to be said. */
export async function runClaude(run: ClaudeRun): Promise<ClaudeRunEnd> {
  const directory = mkdtempSync(join(tmpdir(), 'claude-run-'))
  const file = (name: string) => join(directory, name)
  const configDirectory = run.resume ?? file('config')
  writeFileSync(file('in'), `${userLine([{ type: 'text', text: run.prompt }])}\n`)
  writeFileSync(file('prompt'), 'Be brief.')
  const { command, env } = claudeCommand({
    binary: await claudeCodeBinary(),
    ...{ origin: run.origin, token: run.token, model: 'claude-opus-5-5', maxTurns: 20, maxUsd: 5 },
    ...{ sessionId: SESSION, resumes: run.resume !== undefined, tools: TOOLS, answerSchema: ANSWER },
    files: {
      ...{ config: configDirectory, prompt: file('prompt') },
      ...{ input: file('in'), output: file('out'), errors: file('errors') },
    },
    ...run.more,
  })
  const shell = bashArguments('agent', (run.command ?? ((same) => same))(command), run.home)
  const environment = { PATH: process.env.PATH, HOME: run.home, LANG: 'C.UTF-8', ...run.env, ...env }
  const child = spawn('bash', shell, {
    ...{ cwd: run.workspace, env: environment, stdio: 'ignore', detached: true },
  })
  const group = -(child.pid ?? Number.NaN)
  const kill = (signal: NodeJS.Signals) => {
    try {
      process.kill(group, signal)
    } catch {
      // It has ended.
    }
  }
  const lines: CliLine[] = []
  let isEnding = false
  const look = () => {
    const whole = existsSync(file('out')) ? readFileSync(file('out'), 'utf8') : ''
    const known = whole.split('\n').slice(0, -1).map(readLine)
    const fresh = known.filter((line) => typeof line === 'object').slice(lines.length)
    for (const line of fresh) {
      lines.push(line)
      if (line.type !== 'result' || isEnding) continue
      isEnding = true
      endInput(child.pid)
    }
  }
  const timer = setInterval(look, POLL_MS)
  const limit = setTimeout(kill, TOO_LONG_MS, 'SIGKILL')
  const exitCode = await new Promise<number>((resolve) => {
    child.on('close', (code) => resolve(code ?? -1))
  })
  clearInterval(timer)
  clearTimeout(limit)
  look()
  // What it started and left running.
  kill('SIGKILL')
  const result = lines.findLast((line) => line.type === 'result')
  const errors = existsSync(file('errors')) ? readFileSync(file('errors'), 'utf8') : ''
  return { configDirectory, exitCode, lines, result, errors }
}

/** Claude Code ends when its input does, which a `tail` of the command's shell reads. */
function endInput(shell: number | undefined): void {
  const children = readNow(`/proc/${shell}/task/${shell}/children`).trim().split(' ')
  const tail = children.find((pid) => pid !== '' && readNow(`/proc/${pid}/comm`).trim() === 'tail')
  if (tail !== undefined) process.kill(Number(tail))
}

/** What a process says of itself; empty if it has ended. */
function readNow(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
