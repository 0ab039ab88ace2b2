import { expect, test } from 'vitest'
import type { ExecOptions, ExecResult, Sandbox } from '../../src/sandbox/sandbox.ts'

interface FileSubject {
  readonly exec: (command: string, options?: ExecOptions) => Promise<ExecResult>
  readonly sandbox: () => Sandbox
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()

/** The part of the sandbox contract that is about files that are not as one expects. */
export function fileContract({ exec, sandbox }: FileSubject): void {
  test('a path that leads to no file says so, and is not taken for a sandbox that fails', async () => {
    const { home } = sandbox()
    await exec('mkdir -p strange && cd strange && echo x >file && ln -s loop loop && ln -s none/deep gone')
    const long = 'n'.repeat(300)
    for (const name of ['loop', 'loop/x', 'file/x', 'file/x/y', 'gone', long, `${long}/x`]) {
      const path = `${home}/strange/${name}`
      await expect(sandbox().readFile(path), path).rejects.toMatchObject({ class: 'path_not_found' })
    }
    for (const name of ['loop', 'loop/x', 'file/x', 'file/x/y', long, `${long}/x`, '.']) {
      const path = `${home}/strange/${name}`
      const written = sandbox().writeFile(path, Buffer.from('y'))
      await expect(written, path).rejects.toMatchObject({ class: 'path_not_found' })
    }
    expect((await exec('cat strange/file && ls strange')).stdout).toBe('x\nfile\ngone\nloop\n')
  })

  test('names are taken as they are', async () => {
    const { home } = sandbox()
    const names = [
      'a b',
      'per%20cent',
      'q?x=1&y',
      '#hash',
      "it's",
      '"two"',
      'back\\slash',
      'line\nbreak',
      '-n',
      'ü日🚀',
      '~',
    ]
    for (const name of names) {
      const path = `${home}/names/${name}`
      await sandbox().writeFile(path, Buffer.from(`in ${name}`))
      expect(text(await sandbox().readFile(path))).toBe(`in ${name}`)
      expect((await exec('cat -- "$P"', { env: { P: path } })).stdout).toBe(`in ${name}`)
    }
    expect((await exec('find names -type f -print0 | tr -dc "\\0" | wc -c')).stdout.trim()).toBe(
      String(names.length),
    )
  })

  test('what commands make and what the host writes is one set of files of one user', async () => {
    const { home } = sandbox()
    await exec(
      'umask 077; mkdir -p own/closed && echo secret >own/closed/file && echo old-and-longer >own/closed/again',
    )
    expect(text(await sandbox().readFile(`${home}/own/closed/file`))).toBe('secret\n')
    await sandbox().writeFile(`${home}/own/closed/again`, Buffer.from('new\n'))
    await sandbox().writeFile(`${home}/own/made/here/file`, Buffer.from('first\n'))
    const { stdout } = await exec(
      'cd own && cat closed/again && echo second >>made/here/file && cat made/here/file && touch made/beside && ' +
        'mv made/here moved && rm -r moved made && find . -user "$(id -u)" | wc -l && find . | wc -l',
    )
    expect(stdout.split('\n').map((line) => line.trim())).toEqual(['new', 'first', 'second', '4', '4', ''])
  })

  test('a file is written where a link leads, in the sandbox', async () => {
    const { home } = sandbox()
    await exec(
      'mkdir -p linked/real && echo old >linked/real/file && cd linked && ln -s real way && ln -s real/new gone',
    )
    await sandbox().writeFile(`${home}/linked/way/file`, Buffer.from('new\n'))
    await sandbox().writeFile(`${home}/linked/gone`, Buffer.from('made\n'))
    expect((await exec('cd linked && cat real/file real/new && readlink way gone')).stdout).toBe(
      'new\nmade\nreal\nreal/new\n',
    )
  })

  test('many files are written and read side by side', async () => {
    const { home } = sandbox()
    const each = Array.from({ length: 24 }, (_, index) => index)
    const content = (index: number) => Buffer.alloc(40_000, `${index} `)
    await Promise.all(
      each.map((index) => sandbox().writeFile(`${home}/many/${index % 3}/${index}`, content(index))),
    )
    const read = await Promise.all(
      each.map((index) => sandbox().readFile(`${home}/many/${index % 3}/${index}`)),
    )
    expect(read.every((bytes, index) => Buffer.compare(bytes, content(index)) === 0)).toBe(true)
  })
}
