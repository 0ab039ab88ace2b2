import { posix } from 'node:path'
import { quoteShell } from './quote-shell.ts'

const HEAD_BYTES = 4 * 1024
const TAIL_BYTES = 12 * 1024
/** Kilobytes (bash's unit) of output that are kept: a command that prints for ever must not fill the disk. */
const LOG_KILOBYTES = 32 * 1024

/** A command, the directory it runs in, and the file that takes all it prints; absolute paths in the sandbox. */
interface LoggedCommand {
  readonly command: string
  readonly cwd: string
  readonly log: string
}

/**
 * Runs a command with everything it prints in a log file, then prints what `logScript` prints, and exits as the
 * command did. A log rather than a pipe to us, because a process that the command leaves running would hold the
 * pipe open and the call would never end; it is waited for 0.3 s, for the last bytes of a command that has ended.
 */
export function commandScript({
  boundary,
  ...logged
}: LoggedCommand & { readonly boundary: string }): string {
  return [
    ...enter(logged),
    ...run(logged),
    'for _ in {1..30}; do kill -0 "$writer" 2>/dev/null || break; sleep 0.01; done',
    logScript({ log: logged.log, boundary }),
    'exit "$code"',
  ].join('\n')
}

/**
 * Prints `<bytes> <lines>`, the boundary, and the log: whole when it is short, else its head, the boundary again,
 * and its tail.
 */
export function logScript({ log, boundary }: { readonly log: string; readonly boundary: string }): string {
  const file = quoteShell(log)
  return [
    `bytes=$(wc -c < ${file}) && lines=$(wc -l < ${file}) || exit 125`,
    `printf '%s %s\\n%s\\n' "$bytes" "$lines" ${boundary}`,
    `if [ "$bytes" -le ${HEAD_BYTES + TAIL_BYTES} ]; then cat ${file}; else`,
    `head -c ${HEAD_BYTES} ${file}; echo ${boundary}; tail -c ${TAIL_BYTES} ${file}; fi`,
  ].join('\n')
}

/** Starts a command in a process group of its own and prints the group's id. */
export function backgroundScript(logged: LoggedCommand): string {
  const whole = quoteShell(run(logged).join('\n'))
  return [...enter(logged), `setsid bash -c ${whole} </dev/null >/dev/null 2>&1 &`, 'echo $!'].join('\n')
}

function enter({ cwd, log }: LoggedCommand): string[] {
  return [`mkdir -p ${quoteShell(posix.dirname(log))} || exit 125`, `cd -- ${quoteShell(cwd)} || exit 125`]
}

/** Leaves the exit code in `code` and the process that writes the log in `writer`. */
function run({ command, log }: LoggedCommand): string[] {
  const write = `ulimit -f ${LOG_KILOBYTES}; trap '' XFSZ; cat > ${quoteShell(log)}; cat`
  return [
    `exec 9> >(exec >/dev/null 2>&1; ${write})`,
    'writer=$!',
    `bash -c ${quoteShell(command)} </dev/null >&9 2>&1 9>&-`,
    'code=$?',
    'exec 9>&-',
  ]
}
