/** A command to run in an E2B sandbox. */
export interface E2bCommand {
  /** Unique in the sandbox; letters, digits and `-`. */
  readonly id: string
  readonly command: string
  readonly cwd: string
  /** Directory for this command's own files: complete output, exit code, input. */
  readonly directory: string
  /** The sandbox itself ends the command after this, in case our process is gone by then. */
  readonly timeoutSeconds: number
  /** Bytes of each stream that are sent live; as many are kept of its end. */
  readonly keptBytes: number
  /** A file in the sandbox; undefined for an empty stdin. */
  readonly stdinFile: string | undefined
  /** Contains the command, if it is too long for an argument. */
  readonly commandFile: string | undefined
  /** Directories of finished commands, to be removed. */
  readonly finished: readonly string[]
}

/** Environment variable that names a process's command; every descendant inherits it. */
const MARKER = 'BACKSPACE_EXEC'
const NO_DIRECTORY = 'The command could not start: the working directory does not exist.'

/**
 * Sends the first bytes of a stream on at once, and keeps the rest in bounded memory: a command may write gigabytes, and
 * the SDK keeps in memory all that it receives. At the end it writes `<total> <bytes of the beginning>\n` and both kept
 * parts to a file; USR1 makes it do so when the command has ended but a background process still holds the pipe.
 * In Perl, because every Debian has it and it starts in 3 ms.
 */
const RELAY = `
my ($file, $keep) = @ARGV; my ($total, $head, $tail, $quiet) = (0, "", "", 0);
sub save { return if $quiet; $quiet = 1; $tail = substr($tail, -$keep) if length($tail) > $keep;
  open(my $out, ">", "$file.part"); print $out "$total ", length($head), "\\n", $head, $tail; close($out);
  rename("$file.part", $file); open(STDOUT, ">", "/dev/null"); }
$SIG{USR1} = \\&save;
while (1) {
  my $read = sysread(STDIN, my $chunk, 65536);
  if (!defined $read) { next if $!{EINTR}; last } last if !$read; next if $quiet;
  my $room = $keep - length($head); my $first = substr($chunk, 0, $room < $read ? $room : $read);
  for (my $at = 0; $at < length($first);) { $at += syswrite(STDOUT, $first, length($first) - $at, $at) // last }
  $head .= $first; $total += $read; $tail .= substr($chunk, length($first));
  $tail = substr($tail, -$keep) if length($tail) > 2 * $keep;
}
save();`.trim()

/** The script that the SDK runs with \`bash -l -c\`: the command, its limits, and the relays for its output. */
export function e2bCommandScript(command: E2bCommand): string {
  const script =
    command.commandFile === undefined ? `-c ${quote(command.command)}` : quote(command.commandFile)
  const limited = `${MARKER}=${command.id} timeout -s KILL ${command.timeoutSeconds} bash ${script}`
  const run = `${limited} <${quote(command.stdinFile ?? '/dev/null')}`
  const relay = (name: string) =>
    `perl -MErrno -e ${quote(RELAY)} "$_bs/${name}" ${command.keptBytes} <"$_bs/${name}.pipe"`
  return [
    command.finished.length > 0 ? `rm -rf -- ${command.finished.map(quote).join(' ')}` : ':',
    `_bs=${quote(command.directory)}`,
    `cd -- ${quote(command.cwd)} 2>/dev/null || { echo '${NO_DIRECTORY}' >&2; exit 127; }`,
    `command -v perl >/dev/null || { ${run}; exit; }`,
    'mkdir -p -- "$_bs" && mkfifo -- "$_bs/stdout.pipe" "$_bs/stderr.pipe" || exit 126',
    // Only the relays may hold our own output open, and the shell must not print that a command was killed.
    'exec 3>&2 2>/dev/null',
    `${relay('stdout')} 3>&- & _bs_o=$!`,
    `${relay('stderr')} >&3 3>&- & _bs_e=$!`,
    `${run} >"$_bs/stdout.pipe" 2>"$_bs/stderr.pipe" 3>&-`,
    '_bs_code=$?',
    'for _bs_i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do',
    '  kill -0 $_bs_o || kill -0 $_bs_e || break; sleep 0.01',
    'done',
    'kill -USR1 $_bs_o $_bs_e',
    'echo $_bs_code >"$_bs/exit.part" && mv -f -- "$_bs/exit.part" "$_bs/exit"',
    'exit $_bs_code',
  ].join('\n')
}

/**
 * Ends a command and every process that it started, also those that left its process group. Each one is stopped before
 * it is killed, so that it cannot fork away.
 */
export function e2bKillScript(id: string): string {
  return [
    'for _bs_i in 1 2 3 4 5 6 7 8 9 10; do',
    `  _bs=$(grep -lsz '^${MARKER}=${id}$' /proc/[0-9]*/environ | cut -d/ -f3)`,
    '  [ -z "$_bs" ] && break',
    '  kill -STOP $_bs; kill -KILL $_bs',
    'done 2>/dev/null',
    ':',
  ].join('\n')
}

/** Quotes text so that a shell takes it literally. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
