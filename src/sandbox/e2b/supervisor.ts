import { shellQuote } from '../../text/shell-quote.ts'
import { AFTER_PROFILE, HOST_HOME, PROFILES } from '../box/shells.ts'
import { LOOK_BYTES } from '../live-view.ts'

/** Environment variable with the id of the command that a process belongs to. Every descendant inherits it. */
const MARKER = 'BACKSPACE_EXEC'

const NO_DIRECTORY = 'The command could not start: the working directory does not exist.'

/** Linux's number, since the name needs a module that takes longer to load than everything else. */
const EINTR = 4
/** `O_WRONLY | O_CREAT | O_EXCL` of Linux: of all processes that open a file like this, only one succeeds. */
const EXCLUSIVE = '0301'

/** Keeps Perl from loading the user's locale, which takes a fifth of its start. */
export const SKIPS_LOCALE = 'PERL_SKIP_LOCALE_INIT'

/** Perl code for base64. The module for it is not always installed. */
export const BASE64 = String.raw`sub base64 { my $text = pack("u", $_[0]);
  $text =~ s/^.//mg; $text =~ tr/\n//d; $text =~ tr#\x60\x20-\x5f#AA-Za-z0-9+/#;
  my $pad = (3 - length($_[0]) % 3) % 3; substr($text, -$pad) = "=" x $pad if $pad; $text }`

/** Number of arguments for one command. */
const FIELDS = 9

/**
 * Runs one command or two in a sandbox, with as few processes as they need, and says what became of them in lines that no
 * output can forge, since output travels inside them, as base64. After the mark, which only the host knows beforehand:
 *
 *     O <bytes>  E <bytes>            the beginning of stdout and stderr, live
 *     P <bytes>  F <bytes>            the end of each, if the middle is left out
 *     X <code> <total> <total>        the exit code, and the bytes of both streams
 *     o e p f x                       the same for the next command
 *     A                               instead of all that: a command of this id began before, and is not run again
 *     N <reason>                      instead: no command was started
 *
 * Every command's lines are also kept in a file, for a host that lost the connection. A command may write gigabytes, so
 * that only the beginning and the end are kept. What runs on in the background keeps a reader for its output.
 *
 * In Perl, because every Debian has it and it starts in 2 ms; in plain Perl, since few modules are always installed. Its
 * first argument is `FOLLOW`, which it compiles once the command has been started: both take about as long.
 */
export const SUPERVISOR = String.raw`
my ($follow, $dir, $mark, $home, $finished, @todo) = @ARGV;
$SIG{PIPE} = "IGNORE";
my (%given, @held, $mute, $ended);
for (keys %ENV) { $given{$1}{$2} = delete $ENV{$_} if /^_BS([12])_(.*)$/s }
delete @ENV{grep /^(?:BASH_FUNC_.*|BASH_ENV|ENV|PROMPT_COMMAND|SHELLOPTS|BASHOPTS|CDPATH|IFS|PS4|(?:LD|GIT)_.*|${SKIPS_LOCALE})$/s, keys %ENV};
sub out { my ($text, $at) = ($_[0], 0);
  while (!$mute && $at < length $text) {
    my $n = syswrite(STDOUT, $text, length($text) - $at, $at);
    if (defined $n) { $at += $n } elsif ($! != ${EINTR}) { $mute = 1 } } }
sub save { my ($name, $text) = @_; open(my $file, ">", "$dir/$name.part") or return;
  print $file $text; close($file) and rename("$dir/$name.part", "$dir/$name") }
sub start { my ($number, $shell, $cwd, $limit, $keep, $id, $from, $command, $in, $input) = @_;
  pipe(my $or, my $ow) && pipe(my $er, my $ew) or return;
  my $profile = $shell eq "agent" && grep { -r "$home/$_" } qw(${PROFILES.join(' ')});
  if ($in eq "hex") { save("stdin$number", pack("H*", $input)); $input = "$dir/stdin$number" }
  my $pid = fork();
  return ($pid, $or, $er) if !defined $pid || $pid;
  $SIG{PIPE} = "DEFAULT"; setpgrp(0, 0);
  $ENV{HOME} = $shell eq "agent" ? $home : "${HOST_HOME}"; $ENV{BACKSPACE_HOME} = $home; $ENV{${MARKER}} = $id;
  @ENV{keys %{$given{$number}}} = values %{$given{$number}};
  open(STDIN, "<", $in eq "none" ? "/dev/null" : $input); open(STDOUT, ">&", $ow); open(STDERR, ">&", $ew);
  if (!chdir $cwd) { print STDERR "${NO_DIRECTORY}\n"; exit 127 }
  my @words = $from eq "file" ? $command : ("-c", $command);
  @words = ("-c", q(${AFTER_PROFILE}), "bash", @words) if $profile;
  exec {"bash"} "bash", "--noprofile", "--norc", @words; print STDERR "bash: not found\n"; exit 127 }
my $above = ""; for (split m{/}, substr($dir, 1)) { $above .= "/$_"; mkdir $above, 0700 }
out("\n$mark\n");
my $own; if (!sysopen($own, "$dir/pid", ${EXCLUSIVE})) {
  my $why = "$!"; out(-e "$dir/pid" ? "A\n" : "N $why\n"); eval $follow; exit 0 }
syswrite($own, $$); close $own;
for my $number (1, 2) { my @fields = splice @todo, 0, ${FIELDS} or last; last if -e "$dir/stop";
  $ended = 0; local $SIG{CHLD} = sub { $ended = 1 };
  my @started = start($number, @fields);
  if ($number == 1) { eval "$follow; 1" or die }
  follow($number, $fields[2], $fields[3], @started) }
@held = grep { $_->{open} } @held;
exit 0 if !@held || fork();
open(STDOUT, ">", "/dev/null"); open(STDERR, ">", "/dev/null");
wait_for(undef) while grep { $_->{open} } @held;
`.trim()

/** Perl: the rest of the supervisor. It follows the command, and removes files of earlier commands. */
export const FOLLOW = String.raw`
for my $old (split / /, $finished) { my $gone = $dir; $gone =~ s{[^/]*$}{$old};
  unlink map { "$gone/$_" } qw(result next pid stop stdin stdin1 stdin2 command command1 command2 file look live live.part); rmdir $gone }
${BASE64}
sub line { "$_[0] " . base64($_[1]) . "\n" }
sub take { my ($stream, $n) = @_; my $chunk;
  my $read = sysread($stream->{pipe}, $chunk, 65536);
  if (!defined $read) { return if $! == ${EINTR} } if (!$read) { close $stream->{pipe}; $stream->{open} = 0; return }
  return if $stream->{held}; $stream->{total} += $read;
  my $room = $stream->{keep} - length $stream->{head};
  if ($room > 0) { my $first = substr($chunk, 0, $room); $stream->{head} .= $first; out(line($stream->{kind}, $first)) }
  if ($room < $read) { $stream->{tail} .= $room > 0 ? substr($chunk, $room) : $chunk;
    $stream->{tail} = substr($stream->{tail}, -$stream->{keep}) if length $stream->{tail} > 2 * $stream->{keep} } }
sub look { my ($stream) = @_; unlink "$dir/look" or return; my $text = $stream->{head} . $stream->{tail};
  save("live", length $text > ${LOOK_BYTES} ? substr($text, -${LOOK_BYTES}) : $text) }
sub wait_for { my ($seconds, @streams) = @_; my $set = "";
  for (@streams, @held) { vec($set, fileno $_->{pipe}, 1) = 1 if $_->{open} }
  my $n = select($set, undef, undef, $ended ? 0 : $seconds); return 0 if $n <= 0; my $own = 0;
  for my $stream (@streams, @held) { next if !$stream->{open} || !vec($set, fileno $stream->{pipe}, 1);
    $own = 1 if !$stream->{held}; take($stream) } $own }
sub follow { my ($number, $limit, $keep, $pid, $or, $er) = @_;
  my ($out, $err, $end, $late, $later) = $number == 1 ? qw(O E X P F) : qw(o e x p f);
  $or or return out("$end 254 0 0\n");
  my @streams = ({pipe => $or, kind => $out}, {pipe => $er, kind => $err});
  for (@streams) { %$_ = (%$_, open => 1, keep => $keep, total => 0, head => "", tail => "") }
  my ($status, $quiet, $start, $late_by) = (defined $pid ? undef : 254 << 8, 0, time, time + 5);
  while (!defined $status || (grep { $_->{open} } @streams) && $quiet < 20 && time < $late_by) {
    my $heard = wait_for(defined $status ? 0.01 : (grep { $_->{open} } @streams) ? 0.1 : 0.01, @streams);
    if (defined $status) { $quiet = $heard ? 0 : $quiet + 1; next }
    $ended = 0; look($streams[0]) if $number == 1;
    if (waitpid($pid, 1) == $pid) { ($status, $late_by) = ($?, time + 5) }
    elsif (time - $start > $limit) { kill "KILL", -$pid, $pid } }
  for (@streams) { push @held, {%$_, held => 1} if $_->{open}; $_->{tail} = substr($_->{tail}, -$keep) if length $_->{tail} > $keep }
  my ($o, $e) = @streams; my ($tails, $code) = ("", $status & 127 ? 128 + ($status & 127) : $status >> 8);
  $tails .= line($late, $o->{tail}) if length $o->{tail}; $tails .= line($later, $e->{tail}) if length $e->{tail};
  $tails .= "$end $code $o->{total} $e->{total}\n";
  save($number == 1 ? "result" : "next", line($out, $o->{head}) . line($err, $e->{head}) . $tails); out($tails) }
`.trim()

/**
 * Reports on a command: prints the lines that were kept about it, or `lost` if it ended without a result, `none` if it
 * never started, `busy` if it still runs after the given time.
 */
const ATTEND = String.raw`
my ($dir, $mark, $name, $seconds) = @ARGV; my $end = time + $seconds;
sub say_ { print "\n$mark\n", @_; exit 0 }
sub kept { if (open(my $file, "<", "$dir/$name")) { say_(<$file>) } }
while (1) {
  kept(); say_("none\n") if !-e "$dir/pid"; my ($pid, $words) = ("", "");
  if (open(my $file, "<", "$dir/pid")) { $pid = <$file> }
  if ($pid && open(my $file, "<", "/proc/$pid/cmdline")) { local $/; $words = <$file> }
  if ($pid && index($words, $dir) < 0) { kept(); say_("lost\n") }
  say_("busy\n") if time >= $end; select(undef, undef, undef, 0.05) }
`.trim()

interface AttendRequest {
  readonly directory: string
  readonly mark: string
  readonly which: 'result' | 'next'
  readonly seconds: number
}

export function attendScript({ directory, mark, which, seconds }: AttendRequest): string {
  return `exec perl -e ${shellQuote(ATTEND)} ${[directory, mark, which, String(seconds)].map(shellQuote).join(' ')}`
}

/**
 * Prints `+` and the end of what a running command has written to stdout, which the command's supervisor saves when
 * asked to.
 */
export function lookScript(directory: string): string {
  return [
    `cd ${shellQuote(directory)} 2>/dev/null && rm -f live && : >look || exit 1`,
    'for _bs in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do',
    `  [ -f live ] && printf + && exec head -c ${LOOK_BYTES} live`,
    '  [ -e result ] && exit 1',
    '  sleep 0.1',
    'done',
    'exit 1',
  ].join('\n')
}

/**
 * Ends a command and every process that it started, even those that left its process group. Each process is stopped
 * before it is killed, so that it cannot fork away.
 *
 * @param stop true to also keep the command, if it has not started, and the next one from starting.
 */
export function killScript(id: string, directory: string, stop: boolean): string {
  return [
    stop ? `mkdir -p ${shellQuote(directory)} && : >${shellQuote(`${directory}/stop`)}` : ':',
    'for _bs_i in 1 2 3 4 5 6 7 8 9 10; do',
    `  _bs=$(grep -lsz '^${MARKER}=${id}$' /proc/[0-9]*/environ | cut -d/ -f3)`,
    '  [ -z "$_bs" ] && break',
    '  kill -STOP $_bs; kill -KILL $_bs',
    'done 2>/dev/null',
    ':',
  ].join('\n')
}
