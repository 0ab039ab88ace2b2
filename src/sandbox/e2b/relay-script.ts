/** How many bytes of a connection may be on their way in each direction before the receiver has taken them. */
export const WINDOW = { toHost: 256 * 1024, toSandbox: 1024 * 1024 } as const
/** The relay sends something at least this often. A host that hears nothing for long knows that the line is dead. */
export const TICK_SECONDS = 10
/** If the host does not answer a new connection in this time, the relay ends, so that programs do not wait in vain. */
const UNHEARD_SECONDS = 60
/** How many bytes of a connection are read at once. */
const READ_BYTES = 32 * 1024
/** The receiver reports what it has taken in steps of this size. */
const REPORTED_BYTES = 64 * 1024

/** Linux's numbers, since the names need modules that are not always installed. */
const LINUX = { AF_INET: 2, SOCK_STREAM: 1, SOL_SOCKET: 1, SO_REUSEADDR: 2, IPPROTO_TCP: 6, TCP_NODELAY: 1 }
const { AF_INET, SOCK_STREAM, SOL_SOCKET, SO_REUSEADDR, IPPROTO_TCP, TCP_NODELAY } = LINUX
const [EINTR, EAGAIN, F_SETFL, O_NONBLOCK] = [4, 11, 4, 2048]

/**
 * Listens on 127.0.0.1 in a sandbox, and carries its connections over its own input and output. Arguments: an id, by which
 * it also finds and ends an earlier relay that still runs; the port; a line that only the host knows, which comes first;
 * how many connections there may be.
 *
 * Frames are a letter, the number of a connection and the length of the bytes that follow, both 32 bits, big endian:
 *
 *     r            it listens                     n <errno>    it cannot listen
 *     o            a program has connected        a            the host knows
 *     d <bytes>    data, both ways                e            there is no more data, both ways
 *     w <bytes>    so many bytes were taken, as 32 bits: as many may follow
 *     c            the connection is broken off   t            nothing: the line is alive
 *     y <bytes>    from the host, and back: marks a place in the output
 *
 * Frames to the relay come in batches with a number and a length; one that comes twice counts once. The output is bytes
 * as the first 256 characters of Unicode in UTF-8, because the SDK makes text of it: that of JSON keeps its size.
 */
export const RELAY = String.raw`
my ($id, $port, $mark, $most) = @ARGV;
$SIG{PIPE} = "IGNORE"; binmode STDIN; binmode STDOUT;
my ($said, $in, $seq, $last, $spoke, %open) = ("", "", 0, 0, time);
sub flush_ { my $at = 0; utf8::encode($said);
  while ($at < length $said) { my $n = syswrite(STDOUT, $said, length($said) - $at, $at);
    if (defined $n) { $at += $n } elsif ($! != ${EINTR}) { exit 0 } }
  $said = ""; $spoke = time }
sub say_ { my ($kind, $number, $bytes) = @_; $said .= pack("a N N", $kind, $number, length $bytes) . $bytes }
sub forget { my ($one) = @_; close $one->{socket}; delete $open{$one->{number}} }
sub break_ { my ($one) = @_; say_("c", $one->{number}, ""); forget($one) }
sub put { my ($one) = @_;
  if (length $one->{out}) { my $n = syswrite($one->{socket}, $one->{out});
    if (!defined $n) { return if $! == ${EAGAIN} || $! == ${EINTR}; return break_($one) }
    substr($one->{out}, 0, $n) = ""; $one->{taken} += $n;
    if ($one->{taken} >= ${REPORTED_BYTES}) { say_("w", $one->{number}, pack("N", $one->{taken})); $one->{taken} = 0 } }
  if (!length $one->{out} && $one->{ending} && !$one->{ended}) { shutdown($one->{socket}, 1); $one->{ended} = 1 }
  forget($one) if $one->{ended} && $one->{read} }
sub get { my ($one) = @_; my $bytes;
  my $n = sysread($one->{socket}, $bytes, $one->{room} < ${READ_BYTES} ? $one->{room} : ${READ_BYTES});
  if (!defined $n) { return if $! == ${EAGAIN} || $! == ${EINTR}; return break_($one) }
  if ($n) { $one->{room} -= $n; return say_("d", $one->{number}, $bytes) }
  $one->{read} = 1; say_("e", $one->{number}, ""); forget($one) if $one->{ended} }
sub take { my ($kind, $number, $bytes) = @_;
  return say_("y", 0, $bytes) if $kind eq "y"; my $one = $open{$number} or return; $one->{heard} = 1;
  if ($kind eq "d") { $one->{out} .= $bytes; put($one) }
  elsif ($kind eq "e") { $one->{ending} = 1; put($one) }
  elsif ($kind eq "w") { $one->{room} += unpack("N", $bytes) }
  elsif ($kind eq "c") { forget($one) } }
sub hear { my $n = sysread(STDIN, $in, 262144, length $in);
  if (!defined $n) { return if $! == ${EINTR} } exit 0 if !$n;
  while (length $in >= 8) { my ($number, $size) = unpack("N N", $in); last if length $in < 8 + $size;
    my $batch = substr($in, 8, $size); substr($in, 0, 8 + $size) = "";
    next if $number <= $seq; exit 1 if $number != ++$seq;
    for (my $at = 0; $at < $size;) { my ($kind, $to, $length) = unpack("a N N", substr($batch, $at, 9));
      take($kind, $to, substr($batch, $at + 9, $length)); $at += 9 + $length } } }
sub answer { while (keys %open < $most) { my $socket; accept($socket, LISTENER) or last;
    fcntl($socket, ${F_SETFL}, ${O_NONBLOCK}); setsockopt($socket, ${IPPROTO_TCP}, ${TCP_NODELAY}, pack("l", 1)); $last++;
    $open{$last} = {number => $last, socket => $socket, room => ${WINDOW.toHost}, out => "", taken => 0, since => time};
    say_("o", $last, "") } }
if (opendir(my $processes, "/proc")) { for my $pid (grep { /^[0-9]+$/ && $_ != $$ } readdir $processes) {
    open(my $file, "<", "/proc/$pid/cmdline") or next; local $/; my $words = <$file>;
    kill "KILL", $pid if defined $words && index($words, "\0$id\0") >= 0 } }
$said = "\n$mark";
socket(LISTENER, ${AF_INET}, ${SOCK_STREAM}, 0); setsockopt(LISTENER, ${SOL_SOCKET}, ${SO_REUSEADDR}, pack("l", 1));
if (!bind(LISTENER, pack("S n a4 x8", ${AF_INET}, $port, "\x7f\0\0\1")) || !listen(LISTENER, 128)) { say_("n", 0, $! + 0); flush_(); exit 1 }
fcntl(LISTENER, ${F_SETFL}, ${O_NONBLOCK}); say_("r", 0, ""); flush_();
while (1) { my ($r, $w) = ("", ""); vec($r, fileno STDIN, 1) = 1; vec($r, fileno LISTENER, 1) = 1 if keys %open < $most;
  for (values %open) { vec($r, fileno $_->{socket}, 1) = 1 if !$_->{read} && $_->{room} > 0;
    vec($w, fileno $_->{socket}, 1) = 1 if length $_->{out} }
  my $n = select($r, $w, undef, ${TICK_SECONDS}); next if $n < 0;
  for my $one (values %open) { exit 1 if !$one->{heard} && time - $one->{since} > ${UNHEARD_SECONDS};
    my $at = fileno $one->{socket}; my ($more, $free) = (vec($r, $at, 1), vec($w, $at, 1));
    put($one) if $free; get($one) if $more && $open{$one->{number}} && !$one->{read} && $one->{room} > 0 }
  if (vec($r, fileno LISTENER, 1)) { answer() } hear() if vec($r, fileno STDIN, 1);
  say_("t", 0, "") if !length $said && time - $spoke >= ${TICK_SECONDS}; flush_() if length $said }
`.trim()
