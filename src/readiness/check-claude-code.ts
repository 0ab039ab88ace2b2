import { randomUUID } from 'node:crypto'
import { access } from 'node:fs/promises'
import { CLAUDE_CODE_VERSION } from '../agent/claude-code/claude-command.ts'
import type { Config } from '../config.ts'
import { SandboxError } from '../sandbox/sandbox.ts'
import { shellQuote } from '../text/shell-quote.ts'
import { claudeCodePath, claudeCodeProgram } from '../wiring/claude-code.ts'
import { createLazySandboxProvider } from '../wiring/load-later.ts'
import type { Said } from './finding.ts'

const TRY_MS = 3 * 60_000

/**
 * Whether runs can use Claude Code: it is started in a sandbox such as runs get. At E2B, where each sandbox costs
 * money, that happens only if Claude Code is the default agent.
 */
export async function checkClaudeCode(config: Config): Promise<Said> {
  const { usual, choosable } = config.agents
  if (usual === 'claude-code') return check(config)
  if (!choosable.includes('claude-code'))
    return { state: 'not_set', fact: 'cannot be chosen: BACKSPACE_AGENTS leaves it out' }
  return checkOptional(config)
}

/** For an agent that people may choose but need not: if it is missing, nothing is broken. */
async function checkOptional(config: Config): Promise<Said> {
  if (config.sandbox.kind === 'e2b') {
    const fact = 'not looked for; `BACKSPACE_AGENT=claude-code npm run doctor` looks into the E2B template'
    return { state: 'not_set', fact }
  }
  if (!(await isThere(claudeCodePath(config))))
    return { state: 'not_set', fact: `not installed, and not needed; ${INSTALL} adds it` }
  const said = await check(config)
  return said.state === 'broken' ? { ...said, state: 'not_set' } : said
}

const INSTALL = '`npm run install-claude-code`'

async function check(config: Config): Promise<Said> {
  const { models, sandbox } = config
  if (!models.anthropic)
    return broken(
      'ANTHROPIC_API_KEY is not set',
      'It asks Claude with that key, which stays on this machine.',
    )
  if (!models.chain.some(({ provider }) => provider === 'anthropic'))
    return broken(
      'BACKSPACE_MODELS names no model of anthropic',
      'Add one, such as anthropic:claude-opus-5-5.',
    )
  if (sandbox.kind !== 'e2b' && !(await isThere(claudeCodePath(config))))
    return broken('not installed', localCure(config))
  const { template, templates = [] } = sandbox.e2b ?? {}
  const places = sandbox.kind === 'e2b' ? [template, ...templates] : [undefined]
  const found = await Promise.all(places.map((place) => tryIn(config, place)))
  const wrong = found.find(({ state }) => state === 'broken')
  const where = template !== undefined && sandbox.kind === 'e2b' ? places.join(', ') : sandbox.kind
  return wrong ?? { state: 'ok', fact: `${CLAUDE_CODE_VERSION}, started in a sandbox (${where})` }
}

function localCure({ agents: { claudeCodePath: path } }: Config): string {
  return path === undefined
    ? `${INSTALL} installs it.`
    : `CLAUDE_CODE_PATH must be the program itself. Without it, ${INSTALL} installs the right one.`
}

/** @param template the E2B template; undefined for a local sandbox. */
async function tryIn(config: Config, template: string | undefined): Promise<Said> {
  const place = template === undefined ? 'a sandbox' : `E2B template ${template}`
  const cure =
    template === undefined
      ? localCure(config)
      : '`npm run install-claude-code -- --e2b` prints the line for your template.'
  try {
    const { exitCode, stdout, stderr } = await askVersion(config, template)
    const version = /^\d+\.\d+\.\d+\b/.exec(stdout)?.[0]
    if (version === CLAUDE_CODE_VERSION) return { state: 'ok', fact: version }
    if (version !== undefined)
      return broken(`${place} has version ${version}; Backspace works with ${CLAUDE_CODE_VERSION}`, cure)
    if (exitCode === 127) return broken(`${place} has none`, cure)
    const why = stderr.trim().split('\n', 1)[0]?.slice(0, 200) || 'It printed nothing.'
    return broken(`does not start in ${place}, exit code ${exitCode}`, `${why.replace(/\.?$/, '.')} ${cure}`)
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error
    return broken(`not checked: no sandbox was started`, error.message.replaceAll('\n', ' '))
  }
}

async function askVersion(config: Config, template: string | undefined) {
  const provider = createLazySandboxProvider(config)
  const signal = AbortSignal.timeout(TRY_MS)
  const runId = `doctor-${randomUUID()}`
  const sandbox = await provider.create({
    runId,
    timeoutMs: TRY_MS,
    egress: { allowHosts: [] },
    template,
    signal,
  })
  try {
    const command = `exec ${shellQuote(claudeCodeProgram(config))} --version`
    return await sandbox.exec(command, { shell: 'agent', timeoutMs: 60_000, signal })
  } finally {
    await sandbox.kill().catch(() => {})
  }
}

function broken(fact: string, next: string): Said {
  return { state: 'broken', fact, next }
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
