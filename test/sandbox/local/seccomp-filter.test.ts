import { describe, expect, test } from 'vitest'
import { seccompFilter } from '../../../src/sandbox/local/seccomp-filter.ts'

const ARCH = { x64: 0xc000003e, arm64: 0xc00000b7, i386: 0x40000003 }
const allowed = 'allowed'

/** Runs a filter as the kernel does, and gives its verdict on one system call. */
function judge(program: Buffer, call: { arch: number; number: number; args?: readonly number[] }): string {
  const data = Buffer.alloc(64)
  data.writeUInt32LE(call.number, 0)
  data.writeUInt32LE(call.arch, 4)
  for (const [index, value] of (call.args ?? []).entries())
    data.writeBigUInt64LE(BigInt(value), 16 + 8 * index)
  let register = 0
  for (let at = 0; at < program.length / 8; at++) {
    const code = program.readUInt16LE(8 * at)
    const [ifTrue = 0, ifFalse = 0] = program.subarray(8 * at + 2)
    const operand = program.readUInt32LE(8 * at + 4)
    if (code === 0x20) register = data.readUInt32LE(operand)
    else if (code === 0x15) at += register === operand ? ifTrue : ifFalse
    else if (code === 0x35) at += register >= operand ? ifTrue : ifFalse
    else if (code === 0x45) at += (register & operand) !== 0 ? ifTrue : ifFalse
    else if (code === 0x06) return operand === 0x7fff0000 ? allowed : `errno ${operand & 0xffff}`
    else throw new Error(`unknown instruction ${code}`)
  }
  throw new Error('The program has no end.')
}

describe.for([
  [
    'x64',
    {
      read: 0,
      clone: 56,
      clone3: 435,
      unshare: 272,
      ioctl: 16,
      socket: 41,
      personality: 135,
      mount: 165,
      keyctl: 250,
      ptrace: 101,
      shmget: 29,
    },
  ],
  [
    'arm64',
    {
      read: 63,
      clone: 220,
      clone3: 435,
      unshare: 97,
      ioctl: 29,
      socket: 198,
      personality: 92,
      mount: 40,
      keyctl: 219,
      ptrace: 117,
      shmget: 194,
    },
  ],
] as const)('the filter for %s', ([arch, calls]) => {
  const program = seccompFilter(arch) ?? Buffer.alloc(0)
  const of = (number: number, ...args: readonly number[]) =>
    judge(program, { arch: ARCH[arch], number, args })

  test.for([
    ['read', [], allowed],
    ['ptrace', [], allowed],
    ['mount', [], 'errno 1'],
    ['keyctl', [], 'errno 1'],
    ['clone3', [], 'errno 38'],
    ['clone', [0x01200011], allowed],
    ['clone', [0x10000011], 'errno 1'],
    ['clone', [0x00020000], 'errno 1'],
    ['unshare', [0x400], allowed],
    ['unshare', [0x10000000], 'errno 1'],
    ['unshare', [0x80], 'errno 1'],
    ['ioctl', [0, 0x5413], allowed],
    ['ioctl', [0, 0x5412], 'errno 1'],
    // The kernel ignores the upper half.
    ['ioctl', [0, 0x100005412], 'errno 1'],
    ['ioctl', [0, 0x541c], 'errno 1'],
    ['socket', [1, 1, 0], allowed],
    ['socket', [2, 1, 6], allowed],
    ['socket', [10, 1, 0], allowed],
    ['socket', [16, 3, 0], allowed],
    ['socket', [16, 3, 9], 'errno 97'],
    ['socket', [40, 1, 0], 'errno 97'],
    ['socket', [38, 5, 0], 'errno 97'],
    ['socket', [17, 3, 0], 'errno 97'],
    ['shmget', [1, 1024 ** 2], allowed],
    ['shmget', [1, 1024 ** 2 + 1], 'errno 22'],
    ['shmget', [1, 2 ** 32], 'errno 22'],
    ['personality', [0xffffffff], allowed],
    ['personality', [0x40000], allowed],
    ['personality', [0x400000], 'errno 1'],
  ] as const)('%s with %j: %s', ([name, args, verdict]) => {
    expect(of(calls[name], ...args)).toBe(verdict)
  })

  test('calls of another architecture do not get around it', () => {
    for (const other of Object.values(ARCH).filter((one) => one !== ARCH[arch])) {
      expect(judge(program, { arch: other, number: calls.read })).toBe('errno 38')
    }
    expect(judge(program, { arch: ARCH[arch], number: 0x40000000 + calls.read })).toBe(
      arch === 'x64' ? 'errno 38' : allowed,
    )
  })

  test('it is shorter than the kernel’s limit, and every call has a verdict', () => {
    expect(program.length / 8).toBeLessThan(4096)
    for (let number = 0; number < 600; number++) expect(of(number)).toMatch(/^(?:allowed|errno \d+)$/)
  })
})

test('an architecture without a list has no filter', () => {
  expect(seccompFilter('riscv64')).toBeUndefined()
})
