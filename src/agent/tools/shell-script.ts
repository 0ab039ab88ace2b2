import { posix } from 'node:path'
import { shellQuote } from '../../text/shell-quote.ts'

const HEAD_BYTES = 4 * 1024
const TAIL_BYTES = 12 * 1024
/** Kilobytes, the unit of `ulimit -f`, of output that are kept. A command that prints for ever must not fill the disk. */
const LOG_KILOBYTES = 32 * 1024

/** A command, its working directory, and the file that gets its output; paths are absolute in the sandbox. */
interface LoggedCommand {
  readonly command: string
  readonly cwd: string
  readonly log: string
}

/**
 * A script that runs a command with its output in a log file, then does what `logScript` does, and exits with the
 * command's exit code. It writes to a log instead of our pipe, because a process that the command leaves running would
 * hold the pipe open and the call would never end. After the command ends, the script waits 0.3 s for its last output.
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
 * A script that prints `<bytes> <lines>`, the boundary, and the log: the whole log if it is short, else its head, the
 * boundary again, and its tail.
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

/** A script that starts a command in its own process group and prints the group's id. */
export function backgroundScript(logged: LoggedCommand): string {
  const whole = shellQuote(run(logged).join('\n'))
  return [...enter(logged), `setsid bash -c ${whole} </dev/null >/dev/null 2>&1 &`, 'echo $!'].join('\n')
}

function enter({ cwd, log }: LoggedCommand): string[] {
  const directory = shellQuote(posix.dirname(log))
  return [`[ -d ${directory} ] || mkdir -p ${directory} || exit 125`, `cd -- ${shellQuote(cwd)} || exit 125`]
}

/**
 * Lines of a script that run the command and set `code` to its exit code. Fd 8 reaches its end once the log is written:
 * only the script and the log's writer hold the other end, and nothing that the command starts.
 */
function run({ command, log }: LoggedCommand): string[] {
  // Output beyond the limit is read and discarded; otherwise SIGPIPE would end the command.
  const write = `ulimit -f ${LOG_KILOBYTES}; trap '' XFSZ; cat > ${shellQuote(log)} || cat > /dev/null`
  return [
    'exec 8< <(',
    `exec 9> >(exec 2>/dev/null; ${write})`,
    `bash -c ${shellQuote(command)} </dev/null >&9 2>&1 9>&-`,
    'echo "$?")',
    'read -r code <&8 || code=137',
  ]
}
