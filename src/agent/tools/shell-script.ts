import { posix } from 'node:path'
import { shellQuote } from '../../text/shell-quote.ts'

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
    'read -r -t 0.3 -u 8',
    logScript({ log: logged.log, boundary }),
    'exit "$code"',
  ].join('\n')
}

/**
 * Prints `<bytes> <lines>`, the boundary, and the log: whole when it is short, else its head, the boundary again,
 * and its tail.
 */
export function logScript({ log, boundary }: { readonly log: string; readonly boundary: string }): string {
  const file = shellQuote(log)
  return [
    `counts=$(wc -lc < ${file}) && read -r lines bytes <<< "$counts" || exit 125`,
    `printf '%s %s\\n%s\\n' "$bytes" "$lines" ${boundary}`,
    `if [ "$bytes" -le ${HEAD_BYTES + TAIL_BYTES} ]; then cat ${file}; else`,
    `head -c ${HEAD_BYTES} ${file}; echo ${boundary}; tail -c ${TAIL_BYTES} ${file}; fi`,
  ].join('\n')
}

/** Starts a command in a process group of its own and prints the group's id. */
export function backgroundScript(logged: LoggedCommand): string {
  const whole = shellQuote(run(logged).join('\n'))
  return [...enter(logged), `setsid bash -c ${whole} </dev/null >/dev/null 2>&1 &`, 'echo $!'].join('\n')
}

function enter({ cwd, log }: LoggedCommand): string[] {
  const directory = shellQuote(posix.dirname(log))
  return [`[ -d ${directory} ] || mkdir -p ${directory} || exit 125`, `cd -- ${shellQuote(cwd)} || exit 125`]
}

/**
 * Leaves the exit code in `code`, and as fd 8 what ends when the log is written: its other end is held by the
 * script and by the writer, and by nothing that the command starts.
 */
function run({ command, log }: LoggedCommand): string[] {
  // Output that does not fit is still read, or writing it would end the command.
  const write = `ulimit -f ${LOG_KILOBYTES}; trap '' XFSZ; cat > ${shellQuote(log)} || cat > /dev/null`
  return [
    'exec 8< <(',
    `exec 9> >(exec 2>/dev/null; ${write})`,
    `bash -c ${shellQuote(command)} </dev/null >&9 2>&1 9>&-`,
    'echo "$?")',
    'read -r code <&8 || code=137',
  ]
}
