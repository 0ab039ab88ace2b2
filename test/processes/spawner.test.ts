import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { createSpawner, type StartedProgram } from '../../src/processes/spawner.ts'
import { limitOnceBegun } from '../support/limit-once-begun.ts'

const ENV = { PATH: '/usr/bin:/bin' }
const spawner = createSpawner()
afterAll(() => spawner.close())

const shell = (script: string) => ({ program: '/bin/sh', args: ['-c', script], env: ENV })

async function start(script: string, { pipes = 0, from = spawner } = {}): Promise<StartedProgram> {
  const directory = await mkdtemp(join(tmpdir(), 'spawner-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  return from.start(shell(script), { socketPath: join(directory, 'stdio.sock'), pipes })
}

/** The parent of a process, from `/proc/<pid>/stat`. */
async function parentOf(pid: number): Promise<number> {
  return Number((await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/.*\) \S /, '').split(' ')[0])
}

/** A process that has ended stays in the list until its parent has read how. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z')
  return !/\) Z/.test(stat)
}

async function aliveInGroup(group: number): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')))
  return stats.filter((stat) => /\) [^Z] \d+ (\d+)/.exec(stat)?.[1] === String(group))
}

describe('a program that is run to its end', () => {
  it('gets its directory and its environment, and nothing of ours', async () => {
    process.env.SPAWNER_TEST = 'ours'
    onTestFinished(() => void delete process.env.SPAWNER_TEST)
    const ended = await spawner.run({ ...shell('pwd; env | sort; echo no >&2; exit 3'), cwd: '/usr' })
    expect(ended).toMatchObject({ code: 3, stderr: 'no\n', problem: undefined })
    expect(ended.stdout).toMatch(
      /^\/usr\n(?:OLDPWD=.*\n)?PATH=\/usr\/bin:\/bin\nPWD=\/usr\n(?:SHLVL=.*\n)?(?:_=.*\n)?$/,
    )
  })

  it('is not a child of this process, and has no connection of it', async () => {
    const { stdout } = await spawner.run(shell('echo $PPID; ls -l /proc/self/fd | grep -c socket:'))
    const [parent, sockets] = stdout.split('\n').map(Number)
    expect(parent).not.toBe(process.pid)
    // That of its errors; `ls` writes to a pipe.
    expect(sockets).toBe(1)
  })

  it.each([
    ['a program that is not there', { program: 'no-such-program', args: [], env: ENV }, 'ENOENT'],
    ['a directory that is not there', { ...shell('true'), cwd: '/no/such/place' }, 'ENOENT'],
    ['a file that is no program', { program: '/etc/passwd', args: [], env: ENV }, 'EACCES'],
  ])('fails with the code of the system: %s', async (_name, command, code) => {
    await expect(spawner.run(command)).rejects.toMatchObject({ code })
  })

  it('is killed above its time and above its output, and keeps what it printed', async () => {
    const begun = join(await mkdtemp(join(tmpdir(), 'spawner-')), 'begun')
    onTestFinished(() => rm(dirname(begun), { recursive: true }))
    const ended = await limitOnceBegun(
      (timeoutMs) => spawner.run(shell(`echo first; : > ${begun}; exec sleep 600`), { timeoutMs }),
      () => existsSync(begun),
    )
    expect(ended).toMatchObject({ code: null, problem: 'time', stdout: 'first\n' })
    const much = await spawner.run(shell('yes'), { maxBytes: 200_000 })
    expect(much).toMatchObject({ code: null, problem: 'size' })
    expect(much.stdout.length).toBeLessThanOrEqual(200_000)
  })

  it('may print any amount of errors', async () => {
    const { code, stderr } = await spawner.run(shell('yes é | head -c 3000000 >&2'))
    expect({ code, length: stderr.length }).toEqual({ code: 0, length: 16_000 })
  })

  it('ends with its signal', async () => {
    const controller = new AbortController()
    const running = spawner.run(shell('exec sleep 60'), { signal: controller.signal })
    controller.abort(new Error('stopped'))
    await expect(running).rejects.toThrow('stopped')
    await expect(spawner.run(shell('true'), { signal: controller.signal })).rejects.toThrow('stopped')
  })
})

describe('a program that is started', () => {
  it('reads and writes directly, and reads further streams', async () => {
    const program = await start('cat; cat <&3; cat <&4; echo bad >&2', { pipes: 2 })
    const read = Promise.all([text(program.stdout), text(program.stderr)])
    program.feed(4, Buffer.from('four'))
    program.feed(3, 'three ')
    program.stdin.write('one ')
    program.stdin.end('two ')
    expect(await read).toEqual(['one two three four', 'bad\n'])
    await program.ended
    expect(program.hasEnded()).toBe(true)
  })

  it('carries megabytes in both directions', async () => {
    const program = await start('cat')
    const sent = Buffer.alloc(5_000_000, 'backspace ')
    const read = text(program.stdout)
    program.stdin.end(sent)
    expect((await read) === sent.toString()).toBe(true)
  })

  it('loses nothing that it prints before the first reader', async () => {
    const program = await start('echo early')
    await expect.poll(() => program.hasEnded()).toBe(true)
    expect(await text(program.stdout)).toBe('early\n')
  })

  it('is killed with its group, and says so', async () => {
    const program = await start('sleep 60 & echo $!; wait')
    const [first] = await new Promise<string[]>((resolve) => {
      program.stdout.once('data', (chunk) => resolve(String(chunk).split('\n'))).resume()
    })
    program.stderr.resume()
    program.kill()
    await program.ended
    await expect.poll(() => isAlive(Number(first))).toBe(false)
    program.kill()
  })

  it('fails with the code of the system', async () => {
    const command = { program: '/no/such/program', args: [], env: ENV }
    const socketPath = join(tmpdir(), `spawner-${process.pid}.sock`)
    await expect(spawner.start(command, { socketPath, pipes: 0 })).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('fails without a place for its streams', async () => {
    const options = { socketPath: '/no/such/place/stdio.sock', pipes: 0 }
    await expect(spawner.start(shell('true'), options)).rejects.toMatchObject({ code: expect.any(String) })
  })
})

describe('the process that starts programs', () => {
  it('takes its programs with it when it ends, and starts again with the next order', async () => {
    const program = await start('exec sleep 60')
    program.stdout.resume()
    program.stderr.resume()
    const helper = await parentOf(program.pid)
    const running = spawner.run(shell('exec sleep 60'))
    process.kill(helper, 'SIGKILL')
    await expect(running).rejects.toThrow('The spawner ended.')
    expect(program.hasEnded()).toBe(true)
    await program.ended
    expect(await spawner.run(shell('echo again'))).toMatchObject({ stdout: 'again\n' })
  })

  it('ends what it started when it is closed', async () => {
    const own = createSpawner()
    const program = await start('sleep 60 & wait', { from: own })
    program.stdout.resume()
    program.stderr.resume()
    own.close()
    await program.ended
    await expect.poll(() => isAlive(program.pid)).toBe(false)
  })
})

describe('a program that ends itself, when the service was killed', () => {
  /** Kills a process that has started these programs, and tells their pids. */
  async function killService(
    programs: readonly { readonly script: string; readonly endsItself: boolean }[],
    options: Parameters<typeof createSpawner>[0],
  ): Promise<readonly number[]> {
    const directory = await mkdtemp(join(tmpdir(), 'spawner-'))
    onTestFinished(() => rm(directory, { recursive: true }))
    const service = `
      import { createSpawner } from ${JSON.stringify(join(import.meta.dirname, '../../src/processes/spawner.ts'))}
      const spawner = createSpawner(${JSON.stringify(options)})
      const pids = []
      for (const [at, { script, endsItself }] of ${JSON.stringify(programs)}.entries()) {
        const command = { program: '/bin/sh', args: ['-c', script, ...pids.map(String)], env: ${JSON.stringify(ENV)} }
        const socketPath = ${JSON.stringify(directory)} + '/' + at
        pids.push((await spawner.start(command, { socketPath, pipes: 0, endsItself })).pid)
      }
      console.log(pids.join(' '))
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', service], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const [line] = await once(child.stdout, 'data')
    child.kill('SIGKILL')
    return String(line).trim().split(' ').map(Number)
  }

  it('has the time for it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'spawner-'))
    onTestFinished(() => rm(directory, { recursive: true }))
    const mark = join(directory, 'mark')
    // What does not end itself is killed at once, which the other program waits for.
    const script = `cat >/dev/null; while kill -0 $0; do sleep 0.02; done 2>/dev/null; echo ended >${mark}`
    const programs = [
      { script: 'exec sleep 600', endsItself: false },
      { script, endsItself: true },
    ]
    await killService(programs, { mostToEndMs: 100_000 })
    await expect.poll(() => existsSync(mark)).toBe(true)
  })

  it('is killed with its group when it takes too long', async () => {
    const [pid = 0] = await killService([{ script: 'sleep 600 & sleep 600', endsItself: true }], {
      mostToEndMs: 20,
    })
    await expect.poll(() => aliveInGroup(pid)).toEqual([])
  })
})
