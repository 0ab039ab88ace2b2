import { randomUUID } from 'node:crypto'
import { shellQuote } from '../../text/shell-quote.ts'
import {
  type ExecOptions,
  type ExecResult,
  type InspectedPath,
  type InspectOptions,
  MAX_READ_BYTES,
  type ReadFileOptions,
  type Sandbox,
  SandboxError,
  type WriteFileOptions,
} from '../sandbox.ts'
import { type E2bPlace, uploadFile } from './e2b-command.ts'
import { execInE2b } from './e2b-exec.ts'
import { BASE64 } from './supervisor.ts'

/** A larger file takes a second request. */
const INLINE_BYTES = 256 * 1024
const TIMEOUT_MS = 120_000
const DOWNLOAD_TIMEOUT_MS = 60_000
/** Linux's numbers, as for the errors below: the names need modules, which take longer to load than everything else. */
const O_RDONLY = 0
const O_WRONLY_CREAT = 0o101
const O_NOCTTY = 0o400
const O_NONBLOCK = 0o4000
/** Exit codes of the scripts. */
const REFUSED = 3
const FULL = 4

/**
 * Perl code that opens a path for a script and refuses anything but a regular file. The daemon in the sandbox would
 * wait for a pipe forever, read devices, and write through links as root. The check is made on what was opened, so
 * nothing can be put in its place afterwards.
 */
const OPEN = `
my %words = (1, "may not be accessed", 2, "does not exist", 6, "is not a regular file", 13, "may not be accessed", 19, "is not a regular file",
  20, "has a file where a directory is needed", 21, "is a directory", 30, "may not be accessed");
sub refuse { print STDERR $_[0]; exit ${REFUSED} }
sub failed { my $number = $! + 0; exit ${FULL} if $number == 27 || $number == 28 || $number == 122; refuse($words{$number} || "cannot be accessed ($!)") }
sub regular { my ($path, $flags) = @_; sysopen(my $file, $path, $flags | ${O_NONBLOCK} | ${O_NOCTTY}, 0666) or return;
  if (!-f $file) { $! = -d _ ? 21 : 6; return } $file }`.trim()

const READ = String.raw`${OPEN}
${BASE64}
my ($path, $max, $inline, $copy) = @ARGV; my $file = regular($path, ${O_RDONLY}) or failed();
refuse("is larger than $max bytes") if -s $file > $max;
my ($kept, $all, $n) = ("", 0); my $out;
while ($n = sysread($file, my $chunk, 262144)) { $all += $n; refuse("is larger than $max bytes") if $all > $max;
  if (!$out && $all <= $inline) { $kept .= $chunk; next }
  if (!$out) { my $above = $copy; $above =~ s{/[^/]*$}{}; mkdir $above, 0700; open($out, ">", $copy) or failed(); print $out $kept or failed() }
  print $out $chunk or failed() }
failed() if !defined $n;
if ($out) { close($out) or failed(); print "copied $all\n" } else { print "inline ", base64($kept), "\n" }`

const WRITE = `${OPEN}
my ($path) = @ARGV; my $above = "";
my @names = split m{/}, substr($path, 1); pop @names; for (@names) { $above .= "/$_"; mkdir $above }
my $file = regular($path, ${O_WRONLY_CREAT}) or failed(); truncate($file, 0) or failed();
while (my $n = sysread(STDIN, my $chunk, 262144)) { for (my $at = 0; $at < $n;) { my $done = syswrite($file, $chunk, $n - $at, $at); defined $done or failed(); $at += $done } }
close($file) or failed();`

const INSPECT = String.raw`${OPEN}
${BASE64}
my ($path, $max) = @ARGV;
sub names { grep { $_ ne "" && $_ ne "." } split m{/}, $_[0] }
sub follow { my @rest = names($_[0]); my ($at, $links) = ("", 0);
  while (@rest) { my $name = shift @rest; if ($name eq "..") { $at =~ s{/[^/]*$}{}; next }
    my $next = "$at/$name"; my $target = $links < 40 ? readlink($next) : undef;
    if (!defined $target) { $at = $next; next }
    $links++; $at = "" if $target =~ m{^/}; unshift @rest, names($target) }
  $at eq "" ? "/" : $at }
my $root = readlink("/proc/self/cwd"); my $found = follow($path =~ m{^/} ? $path : "$root/$path");
my ($kind, $size, $mode, $bytes) = ("missing", 0, "-", "");
if (stat $found) { $kind = -d _ ? "directory" : -f _ ? "file" : "other";
  if ($kind eq "file") { $size = -s _; $mode = "x" if -x $found;
    if ($size <= $max && index($found, "$root/") == 0 && (my $file = regular($found, ${O_RDONLY}))) {
      my $all = ""; while (length $all <= $max && sysread($file, my $chunk, 262144)) { $all .= $chunk }
      $bytes = base64($all) if length $all == $size } } }
print join("\n", $root, $kind, $size, $mode, $bytes, $found), "\n";`

type FileCalls = Pick<Sandbox, 'readFile' | 'writeFile' | 'inspect'>

/** File calls that run scripts in the sandbox: one request each, two for large files. */
export function e2bFiles(place: E2bPlace): FileCalls {
  const absolute = (path: string) => (path.startsWith('/') ? path : `${place.home}/${path}`)

  function run(script: string, args: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const command = `exec perl -e ${shellQuote(script)} -- ${args.map(shellQuote).join(' ')}`
    return execInE2b(place, command, { timeoutMs: TIMEOUT_MS, ...options })
  }

  async function readFile(path: string, options: ReadFileOptions = {}): Promise<Uint8Array> {
    const { maxBytes = MAX_READ_BYTES, signal } = options
    const id = randomUUID()
    const copy = `${place.home}/.backspace/exec/${id}/file`
    const inline = Math.min(INLINE_BYTES, maxBytes)
    const result = await run(READ, [absolute(path), String(maxBytes), String(inline), copy], {
      maxOutputBytes: 4 * INLINE_BYTES,
      signal,
    })
    throwUnlessDone(path, result, signal)
    const [how, rest = ''] = result.stdout.trimEnd().split(' ')
    if (how === 'inline') return new Uint8Array(Buffer.from(rest, 'base64'))
    place.finished.push(id)
    const bytes = await place.reach.call(
      () =>
        place.sandbox.files.read(copy, {
          format: 'bytes',
          user: place.user,
          requestTimeoutMs: DOWNLOAD_TIMEOUT_MS,
          signal: AbortSignal.any(signal ? [signal] : []),
        }),
      { signal, path },
    )
    if (bytes.length === Number(rest)) return bytes
    throw new SandboxError('path_not_found', `${path} changed while it was read.`)
  }

  async function writeFile(path: string, bytes: Uint8Array, options: WriteFileOptions = {}): Promise<void> {
    const { signal, isNew = false } = options
    if (isNew) return uploadFile(place, { path: absolute(path), bytes, signal })
    const result = await run(WRITE, [absolute(path)], { stdin: bytes, signal }).catch((error: unknown) => {
      if (!(error instanceof SandboxError) || error.class !== 'no_space') throw error
      throw full(path, error)
    })
    throwUnlessDone(path, result, signal)
  }

  async function inspect(path: string, { cwd, maxBytes, signal }: InspectOptions): Promise<InspectedPath> {
    const inline = Math.min(INLINE_BYTES, maxBytes)
    const result = await run(INSPECT, [path, String(inline)], {
      cwd,
      maxOutputBytes: 4 * INLINE_BYTES,
      signal,
    })
    throwUnlessDone(path, result, signal)
    const [root = '', kind, size, mode, base64 = '', ...rest] = result.stdout.split('\n')
    const found = rest.join('\n').replace(/\n$/, '')
    if (found === '') throw new SandboxError('path_not_found', `${path} could not be looked up.`)
    const facts = { root, path: found, size: Number(size) || 0, executable: mode === 'x' }
    if (kind !== 'file')
      return { ...facts, kind: kind === 'directory' || kind === 'missing' ? kind : 'other' }
    if (facts.size > maxBytes || !found.startsWith(`${root}/`)) return { ...facts, kind }
    const inlined = Buffer.from(base64, 'base64')
    // The file may have changed since its size was read, or may be unreadable.
    const bytes =
      inlined.length === facts.size
        ? inlined
        : await readFile(found, { maxBytes, signal }).catch(ignoreMissing)
    return { ...facts, kind, bytes }
  }

  return { readFile, writeFile, inspect }
}

/**
 * @throws {SandboxError} with the script's own words.
 * @throws the signal's reason.
 */
function throwUnlessDone(path: string, result: ExecResult, signal: AbortSignal | undefined): void {
  signal?.throwIfAborted()
  const { exitCode, outcome, stderr } = result
  if (outcome === 'exited' && exitCode === 0) return
  if (exitCode === FULL) throw full(path)
  const why = exitCode === REFUSED && stderr !== '' ? stderr : `cannot be accessed (${stderr || outcome})`
  throw new SandboxError('path_not_found', `${path} ${why.trim().slice(0, 500)}.`)
}

function full(path: string, cause?: unknown): SandboxError {
  return new SandboxError('no_space', `${path} could not be written: the disk of the sandbox is full.`, {
    cause,
  })
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof SandboxError && error.class === 'path_not_found') return undefined
  throw error
}
