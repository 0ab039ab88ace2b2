import { expect, test } from 'vitest'
import { readBenchOptions } from './bench-options.ts'

test('names, parts and the file for the figures are read', () => {
  const args = ['service', '--quick', '--only', 'start,runs', '--json', 'out.json']
  expect(readBenchOptions(args, ['service', 'agent'])).toEqual({
    names: ['service'],
    quick: true,
    only: ['start', 'runs'],
    json: 'out.json',
    mirrors: 'mirrors',
    install: false,
    record: false,
    commits: 150,
    seconds: 30,
    verbose: false,
  })
  expect(readBenchOptions(['--mirrors', '/m', '--verbose', '--commits', '9'], ['service'])).toMatchObject({
    names: [],
    mirrors: '/m',
    commits: 9,
    verbose: true,
  })
})

test('help is no bench', () => {
  expect(readBenchOptions(['--help'], ['service'])).toBe('help')
})

test('a bench or option that does not exist is refused by name', () => {
  expect(() => readBenchOptions(['servce'], ['service'])).toThrow('no bench "servce", only: service')
  expect(() => readBenchOptions(['--commits', 'x'], ['service'])).toThrow('--commits takes a number')
  expect(() => readBenchOptions(['--fast'], ['service'])).toThrow('--fast')
})
