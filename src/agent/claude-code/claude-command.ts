import { join } from 'node:path'
import { shellQuote } from '../../text/shell-quote.ts'
import type { SessionFiles } from './session-files.ts'

/** The only version that may be installed, since its flags, output lines and exit codes are the tested ones. */
export const CLAUDE_CODE_VERSION = '2.1.332'

/** The host directory into which `npm run install-claude-code` puts the program `claude` for local sandboxes. */
export function claudeCodeDirectory(dataDirectory: string): string {
  return join(dataDirectory, 'claude-code', CLAUDE_CODE_VERSION)
}

export interface ClaudeCommandOptions {
  /** The program's path inside the sandbox, or its name on PATH there. */
  readonly binary: string
  /** Origin of the model gateway: `http://127.0.0.1:<port>`. */
  readonly origin: string
  /** Gives access to the gateway and to nothing else. */
  readonly token: string
  readonly model: string
  readonly fallbackModel?: string | undefined
  /** The tools that Claude Code may use. It would offer more, such as sub-agents, schedules and the web. */
  readonly tools: readonly string[]
  /** JSON Schema of the answer with which each turn must end, as a call of the tool `StructuredOutput`. */
  readonly answerSchema: object
  readonly maxTurns: number
  /** A second line of defence after the gateway: Claude Code stops once it has spent more. */
  readonly maxUsd: number
  /** A UUID. */
  readonly sessionId: string
  /** True to continue that session, whose record is in the configuration directory. */
  readonly resumes: boolean
  readonly files: Omit<SessionFiles, 'history'>
}

/** Run it with `sandbox.exec(command, { shell: 'agent', env, cwd: workspace })`. */
export interface ClaudeCommand {
  readonly command: string
  /** Holds the token, since more programs can see the arguments of a process than its environment. */
  readonly env: Readonly<Record<string, string>>
}

const TOKEN = 'BACKSPACE_GATEWAY_TOKEN'
/** A path that does not exist and that nothing can create. */
const NOWHERE = '/proc/nonexistent'
/** Settings in this directory override every flag. Where an account may become root, code of the repository can write them. */
const MANAGED = '/etc/claude-code'
export const UNFIT_EXIT_CODE = 78
/** The only variables of the sandbox that Claude Code gets, since hundreds of others would change its behaviour. */
const KEPT = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'USER', 'LOGNAME', 'BACKSPACE_EXEC']
/** Variables that the agent's commands do not get back: those of the shell itself, and those that would affect commands. */
const SHELL_OWN = ['BASH_ENV', 'ENV', 'PWD', 'OLDPWD', 'SHLVL', '_', TOKEN]
/** Claude Code asks again after this long without an answer. The gateway ends a silent request earlier. */
const SILENT_STREAM_MS = 120_000

/**
 * Builds the command that starts Claude Code. Claude Code gets only a few variables, a home that does not exist, and no
 * settings of the repository, so that nothing in the clone or the home can run code in it or redirect its requests. The
 * agent's commands get the environment of the sandbox's shell back, through a file that bash reads first.
 *
 * The command exits with Claude Code's exit code, with 125 if its files cannot be written, or with `UNFIT_EXIT_CODE` if
 * managed settings in the sandbox would override ours. Claude Code waits for more input until it is ended.
 */
export function claudeCommand(options: ClaudeCommandOptions): ClaudeCommand {
  const { config, input, output, errors } = options.files
  const directory = shellQuote(config)
  const environment = `${config}/environment`
  const started = [
    '/usr/bin/env -i',
    ...KEPT.map((name) => `\${${name}+"${name}=$${name}"}`),
    // Run by root, Claude Code wants a variable that says that it is in a sandbox.
    '$([ "$(id -u)" != 0 ] || echo IS_SANDBOX=1)',
    `ANTHROPIC_AUTH_TOKEN="$${TOKEN}"`,
    ...Object.entries(steering(options, environment)).map(([name, value]) => `${name}=${shellQuote(value)}`),
    ...[options.binary, ...argumentsOf(options)].map(shellQuote),
  ]
  const command = [
    `if [ -e ${MANAGED} ] || [ -L ${MANAGED} ]; then exit ${UNFIT_EXIT_CODE}; fi`,
    // Of an earlier start only the session records are kept, since the agent's commands could write to the whole directory.
    `mkdir -p -m 700 ${directory} && find ${directory} -mindepth 1 -maxdepth 1 ! -name projects -exec rm -rf {} + || exit 125`,
    `mkdir ${directory}/tmp || exit 125`,
    `(unset -v ${SHELL_OWN.join(' ')}; export -n SHELLOPTS BASHOPTS`,
    // Only for the agent's commands. If bash itself starts Claude Code, it must pass the steering variables on.
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
  // A flag that takes a list would swallow a following word that is no flag.
  return [
    ...['-p', '--tools', tools.join(','), '--input-format', 'stream-json'],
    ...['--output-format', 'stream-json', '--verbose'],
    // The empty value excludes all settings of the user and the repository.
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
    // Claude Code gives bash a socket as stdin, which a first-level bash takes for a remote login, for which it reads ~/.bashrc.
    SHLVL: '1',
    // Escaped, because bash expands the value as in double quotes.
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
    // A background task that ends after the result would begin another turn.
    CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
    CLAUDE_CODE_MAX_RETRIES: '2',
    CLAUDE_ENABLE_BYTE_WATCHDOG: '1',
    CLAUDE_BYTE_STREAM_IDLE_TIMEOUT_MS: String(SILENT_STREAM_MS),
    // Both are needed for TodoWrite.
    CLAUDE_CODE_ENABLE_TODO_TOOLS: '1',
    CLAUDE_CODE_ENABLE_TASKS: '0',
  }
}
