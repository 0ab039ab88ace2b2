/** One instruction of classic BPF: operation, jump if true, jump if false, operand. */
type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, operand: number]

/** Architectures for which there is a filter. */
type FilteredArch = 'x64' | 'arm64'

/** `AUDIT_ARCH_*` of linux/audit.h. */
const AUDIT_ARCH: Readonly<Record<FilteredArch, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 }
/** This bit marks numbers of system calls of the x32 ABI on x86-64: the same calls under other numbers. */
const X32 = 0x40000000

const EPERM = 1
const ENOSYS = 38
const EINVAL = 22
const EAFNOSUPPORT = 97

/**
 * Calls that no build or test needs, by their numbers on x86-64 and on ARM64. Most would fail anyway, but only inside
 * the kernel.
 */
const REFUSED: Readonly<Record<string, readonly [x64: number | undefined, arm64: number | undefined]>> = {
  // Keys are not separate per box: two boxes of one user would share them.
  keyctl: [250, 219],
  add_key: [248, 217],
  request_key: [249, 218],
  // Large parts of the kernel that often have vulnerabilities.
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  fanotify_init: [300, 262],
  modify_ldt: [154, undefined],
  // File systems and namespaces.
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  setns: [308, 268],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  swapon: [167, 224],
  swapoff: [168, 225],
  // Calls that concern the whole machine.
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  create_module: [174, undefined],
  reboot: [169, 142],
  syslog: [103, 116],
  acct: [163, 89],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  clock_adjtime: [305, 266],
  adjtimex: [159, 171],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  iopl: [172, undefined],
  ioperm: [173, undefined],
  vhangup: [153, 58],
  lookup_dcookie: [212, 18],
  nfsservctl: [180, 42],
  uselib: [134, undefined],
  ustat: [136, undefined],
  sysfs: [139, undefined],
  _sysctl: [156, undefined],
}

/**
 * Calls that are answered as unknown. Programs do without them where a kernel lacks them. `clone3` has its flags in
 * memory, where the filter cannot see them.
 */
const UNKNOWN: typeof REFUSED = {
  clone3: [435, 435],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
}

const NEW_NAMESPACES = 0x7e020000
const NEW_TIME = 0x80
/** The usual execution domains, and the one without random addresses, which sanitizers and debuggers choose. */
const PERSONALITIES = [0, 0x8, 0x20000, 0x20008, 0x40000, 0xffffffff]
/** TIOCSTI types into a terminal in place of its user; TIOCLINUX can paste into one. */
const TERMINAL_INPUT = [0x5412, 0x541c]
/** Shared memory of System V belongs to no process and to no file system, so nothing else limits it: 4096 segments. */
const MAX_SEGMENT_BYTES = 1024 ** 2
const AF = { unix: 1, inet: 2, inet6: 10, netlink: 16 }

const LOAD = 0x20
const IS = 0x15
const IS_AT_LEAST = 0x35
const HAS_BIT = 0x45
const RETURN = 0x06
const ALLOW = 0x7fff0000
const ERRNO = 0x00050000

/**
 * A program for the kernel (seccomp(2)) that refuses system calls which only attacks need. It judges numbers and flags,
 * never what is in memory. `ptrace` stays allowed: debuggers and sanitizers in test suites need it, and it reaches only
 * the box.
 *
 * @returns `struct sock_filter[]` in the byte order of the machine; undefined for an architecture without a list.
 */
export function seccompFilter(arch: string = process.arch): Buffer | undefined {
  if (arch !== 'x64' && arch !== 'arm64') return undefined
  const column = arch === 'x64' ? 0 : 1
  const numbers = (calls: typeof REFUSED) =>
    Object.values(calls).flatMap((call) => (call[column] === undefined ? [] : [call[column]]))
  const of = (x64: number, arm64: number) => (arch === 'x64' ? x64 : arm64)
  return assemble([
    [LOAD, 0, 0, 4],
    [IS, 1, 0, AUDIT_ARCH[arch]],
    fail(ENOSYS),
    [LOAD, 0, 0, 0],
    ...(arch === 'x64' ? when([IS_AT_LEAST, X32], [fail(ENOSYS)]) : []),
    ...numbers(REFUSED).flatMap((call) => when([IS, call], [fail(EPERM)])),
    ...numbers(UNKNOWN).flatMap((call) => when([IS, call], [fail(ENOSYS)])),
    ...when([IS, of(56, 220)], [argument(0), ...when([HAS_BIT, NEW_NAMESPACES], [fail(EPERM)]), allow()]),
    ...when(
      [IS, of(272, 97)],
      [argument(0), ...when([HAS_BIT, NEW_NAMESPACES | NEW_TIME], [fail(EPERM)]), allow()],
    ),
    ...when([IS, of(135, 92)], [argument(0), ...anyOf(PERSONALITIES, allow()), fail(EPERM)]),
    ...when([IS, of(16, 29)], [argument(1), ...anyOf(TERMINAL_INPUT, fail(EPERM)), allow()]),
    ...when(
      [IS, of(29, 194)],
      [
        argument(1, 'upper'),
        ...when([IS_AT_LEAST, 1], [fail(EINVAL)]),
        argument(1),
        ...when([IS_AT_LEAST, MAX_SEGMENT_BYTES + 1], [fail(EINVAL)]),
        allow(),
      ],
    ),
    ...when(
      [IS, of(41, 198)],
      [
        argument(0),
        ...anyOf([AF.unix, AF.inet, AF.inet6], allow()),
        // Allows only protocol 0, which lists network interfaces.
        ...when([IS, AF.netlink], [argument(2), ...when([IS, 0], [allow()])]),
        fail(EAFNOSUPPORT),
      ],
    ),
    allow(),
  ])
}

/** Loads one half of an argument. Flags are in the lower half, since the kernel reads them as 32 bits. */
function argument(index: number, half: 'lower' | 'upper' = 'lower'): Instruction {
  return [LOAD, 0, 0, 16 + 8 * index + (half === 'upper' ? 4 : 0)]
}

function allow(): Instruction {
  return [RETURN, 0, 0, ALLOW]
}

function fail(errno: number): Instruction {
  return [RETURN, 0, 0, ERRNO | errno]
}

function when(
  [test, operand]: readonly [number, number],
  then: readonly Instruction[],
): readonly Instruction[] {
  return [[test, 0, then.length, operand], ...then]
}

function anyOf(values: readonly number[], then: Instruction): readonly Instruction[] {
  return values.flatMap((value) => when([IS, value], [then]))
}

/** Both architectures are little endian. */
function assemble(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(8 * program.length)
  for (const [index, [code, ifTrue, ifFalse, operand]] of program.entries()) {
    bytes.writeUInt16LE(code, 8 * index)
    bytes.writeUInt8(ifTrue, 8 * index + 2)
    bytes.writeUInt8(ifFalse, 8 * index + 3)
    bytes.writeUInt32LE(operand >>> 0, 8 * index + 4)
  }
  return bytes
}
