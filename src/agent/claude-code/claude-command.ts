import { join } from 'node:path'
import { shellQuote } from '../../text/shell-quote.ts'
import type { SessionFiles } from './session-files.ts'

/** The only version whose flags, lines and endings are tested, and the only one that may be installed. */
export const CLAUDE_CODE_VERSION = '2.1.332'

/** Where `npm run install-claude-code` puts the program for local sandboxes: `claude` in this directory of the host. */
export function claudeCodeDirectory(dataDirectory: string): string {
  return join(dataDirectory, 'claude-code', CLAUDE_CODE_VERSION)
}

export interface ClaudeCommandOptions {
  /** Its path inside the sandbox, or its name on PATH there. */
  readonly binary: string
  /** Of the model gateway: `http://127.0.0.1:<port>`. */
  readonly origin: string
  /** Opens the gateway, and nothing else. */
  readonly token: string
  readonly model: string
  readonly fallbackModel?: string | undefined
  /** What it may use: it offers more, such as agents of its own, schedules and the web. */
  readonly tools: readonly string[]
  /** JSON Schema of what it must say at the end of each turn; it calls a tool `StructuredOutput` for that. */
  readonly answerSchema: object
  readonly maxTurns: number
  /** A second line only: Claude Code stops after it has spent more. */
  readonly maxUsd: number
  /** A UUID. */
  readonly sessionId: string
  /** True: goes on with that session, whose file is in the configuration directory. */
  readonly resumes: boolean
  readonly files: Omit<SessionFiles, 'history'>
}

/** For `sandbox.exec(command, { shell: 'agent', env, cwd: workspace })`. */
export interface ClaudeCommand {
  readonly command: string
  /** The token: arguments can be seen more widely than the environment. */
  readonly env: Readonly<Record<string, string>>
}

const TOKEN = 'BACKSPACE_GATEWAY_TOKEN'
/** Does not exist, and nothing can make it exist. */
const NOWHERE = '/proc/nonexistent'
/** Settings here win over every flag, and where an account may become root, code of the repository can write them. */
const MANAGED = '/etc/claude-code'
export const UNFIT_EXIT_CODE = 78
/** All that Claude Code gets of the sandbox's environment; hundreds of other names would steer it. */
const KEPT = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'USER', 'LOGNAME', 'BACKSPACE_EXEC']
/** Names of the shell itself, which no command gets back, and what would act on the commands of the agent. */
const SHELL_OWN = ['BASH_ENV', 'ENV', 'PWD', 'OLDPWD', 'SHLVL', '_', TOKEN]
/** Without an answer for this long, Claude Code asks again; the gateway cuts first. */
const SILENT_STREAM_MS = 120_000

/**
 * The one way to start Claude Code. It gets an environment of a few names, a home that does not exist, and no file of the
 * repository, so that nothing that lies in the clone or the home can run code in it or send its requests elsewhere. The
 * commands that the agent runs get the environment that the sandbox's shell had, by way of a file that bash reads first.
 *
 * Ends with Claude Code's exit code, with 125 if its files cannot be written, or with `UNFIT_EXIT_CODE` if something
 * in the sandbox would steer it. Claude Code waits for more input until it is ended.
 */
export function claudeCommand(options: ClaudeCommandOptions): ClaudeCommand {
  const { config, input, output, errors } = options.files
  const directory = shellQuote(config)
  const environment = `${config}/environment`
  const started = [
    '/usr/bin/env -i',
    ...KEPT.map((name) => `\${${name}+"${name}=$${name}"}`),
    // As root it asks for proof that it is in a sandbox.
    '$([ "$(id -u)" != 0 ] || echo IS_SANDBOX=1)',
    `ANTHROPIC_AUTH_TOKEN="$${TOKEN}"`,
    ...Object.entries(steering(options, environment)).map(([name, value]) => `${name}=${shellQuote(value)}`),
    ...[options.binary, ...argumentsOf(options)].map(shellQuote),
  ]
  const command = [
    `if [ -e ${MANAGED} ] || [ -L ${MANAGED} ]; then exit ${UNFIT_EXIT_CODE}; fi`,
    // Of an earlier start, only the records of sessions stay: commands of the agent could write to all of it.
    `mkdir -p -m 700 ${directory} && find ${directory} -mindepth 1 -maxdepth 1 ! -name projects -exec rm -rf {} + || exit 125`,
    `mkdir ${directory}/tmp || exit 125`,
    `(unset -v ${SHELL_OWN.join(' ')}; export -n SHELLOPTS BASHOPTS`,
    // Only for commands of the agent, and not for a program in bash that starts Claude Code, which passes on what steers it.
    `echo '[ -n "\${CLAUDECODE-}" ] || return 0; unset -v BASH_ENV IS_SANDBOX AI_AGENT DISABLE_AUTOUPDATER \${!ANTHROPIC_@} \${!CLAUDE@}'`,
    `export -p; export -pf) >${shellQuote(environment)} 2>/dev/null || exit 125`,
    `exec {_bs_input}< <(exec tail -s 0.2 -n +1 -f ${shellQuote(input)} 2>/dev/null)`,
    '_bs_tail=$!',
    `${started.join(' ')} <&"$_bs_input" {_bs_input}<&- >${shellQuote(output)} 2>${shellQuote(errors)}`,
    '_bs_code=$?; kill "$_bs_tail" 2>/dev/null; exit "$_bs_code"',
  ].join('\n')
  return { command, env: { [TOKEN]: options.token } }
}

function argumentsOf(options: ClaudeCommandOptions): string[] {
  const { fallbackModel, sessionId, files, tools, answerSchema } = options
  // A flag that takes a list must not be the last one before a word that is no flag.
  return [
    ...['-p', '--tools', tools.join(','), '--input-format', 'stream-json'],
    ...['--output-format', 'stream-json', '--verbose'],
    // With an empty value: no settings of the user, the repository or its clone.
    ...['--setting-sources=', '--strict-mcp-config', '--disable-slash-commands'],
    ...['--permission-mode', 'bypassPermissions', '--append-system-prompt-file', files.prompt],
    ...['--model', options.model],
    ...(fallbackModel === undefined ? [] : ['--fallback-model', fallbackModel]),
    ...['--max-turns', String(options.maxTurns), '--max-budget-usd', String(options.maxUsd)],
    ...['--json-schema', JSON.stringify(answerSchema)],
    ...[options.resumes ? '--resume' : '--session-id', sessionId],
  ]
}

function steering(options: ClaudeCommandOptions, environment: string): Readonly<Record<string, string>> {
  const { files, origin } = options
  return {
    HOME: NOWHERE,
    SHELL: '/bin/bash',
    // Bash takes the socket that Claude Code gives it for a remote login, and reads ~/.bashrc instead, on the first level.
    SHLVL: '1',
    // Bash expands it as in double quotes.
    BASH_ENV: environment.replaceAll(/[\\$`"]/g, '\\$&'),
    CLAUDE_CONFIG_DIR: files.config,
    CLAUDE_CODE_TMPDIR: `${files.config}/tmp`,
    ANTHROPIC_CONFIG_DIR: NOWHERE,
    ANTHROPIC_BASE_URL: origin,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
    CLAUDE_CODE_DISABLE_CLAUDE_MDS: '1',
    // Subjects of commits would be shown as the user's own words.
    CLAUDE_CODE_DISABLE_GIT_INSTRUCTIONS: '1',
    CLAUDE_CODE_SUPPRESS_SESSION_ATTRIBUTION: '1',
    // What ends in the background begins a turn of its own, after the result.
    CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
    CLAUDE_CODE_MAX_RETRIES: '2',
    CLAUDE_ENABLE_BYTE_WATCHDOG: '1',
    CLAUDE_BYTE_STREAM_IDLE_TIMEOUT_MS: String(SILENT_STREAM_MS),
    // Both are needed for TodoWrite.
    CLAUDE_CODE_ENABLE_TODO_TOOLS: '1',
    CLAUDE_CODE_ENABLE_TASKS: '0',
  }
}
