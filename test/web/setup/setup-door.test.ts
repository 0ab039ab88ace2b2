import { expect, test } from 'vitest'
import { createSetupDoor, SETUP_SECONDS } from '../../../src/web/setup/setup-door.ts'

/** A door with a clock that the test moves, and the codes that the terminal showed. */
function door() {
  const time = { at: 1_000_000 }
  const codes: string[] = []
  const door = createSetupDoor(() => time.at)
  door.arm((code) => codes.push(code))
  return { door, codes, time }
}

test('a code opens the door once, however it is typed, and the cookie ends after two hours', () => {
  const { door: own, codes, time } = door()
  const [code = ''] = codes
  expect(code).toMatch(/^[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$/)
  expect(own.enter('AAAA-AAAA-AAAA')).toBeUndefined()
  const cookie = own.enter(` ${code.toLowerCase().replaceAll('-', ' ')} `)
  expect(own.isOpenFor(cookie)).toBe(true)
  expect(own.enter(code)).toBeUndefined()
  expect(createSetupDoor().isOpenFor(cookie)).toBe(false)
  expect(own.isOpenFor(`9${cookie}`)).toBe(false)
  expect([undefined, '', '1.2', `${cookie}x`].map(own.isOpenFor)).toEqual([false, false, false, false])
  time.at += SETUP_SECONDS * 1000
  expect(own.isOpenFor(cookie)).toBe(false)
})

test('wrong tries, however many, do not spoil the code for the person who has it', () => {
  const { door: own, codes } = door()
  for (let tries = 0; tries < 1001; tries++) expect(own.enter('wrong')).toBeUndefined()
  expect(codes).toHaveLength(1)
  expect(own.isOpenFor(own.enter(codes[0] ?? ''))).toBe(true)
})

test('a closed door makes no further code', () => {
  const { door: own, codes } = door()
  own.close()
  expect(own.enter(codes[0] ?? '')).toBeUndefined()
  own.arm((code) => codes.push(code))
  expect(codes).toHaveLength(1)
})

test('a trip to GitHub ends once, within an hour, with the one who began it', () => {
  const { door: own, time } = door()
  const depart = () => own.depart({ holder: 'ada', keeping: 'shown' })
  const state = depart()
  expect(state).toMatch(/^[\w-]{43}$/)
  const trip = own.arrive(state, 'ada')
  expect(trip).toMatchObject({ holder: 'ada', keeping: 'shown' })
  expect(own.arrive(state, 'ada')).toBeUndefined()
  expect(own.arrive(depart(), 'eve')).toBeUndefined()
  expect(own.arrive('made-up', 'ada')).toBeUndefined()
  if (trip) own.putBack(state, trip)
  expect(own.arrive(state, 'ada')).toEqual(trip)
  const late = depart()
  time.at += 60 * 60_000
  expect(own.arrive(late, 'ada')).toBeUndefined()
})

test('drawing the page again and again fills no memory: the oldest trips are forgotten', () => {
  const { door: own } = door()
  const states = Array.from({ length: 201 }, () => own.depart({ holder: 'ada', keeping: 'stored' }))
  expect(own.arrive(states[0] ?? '', 'ada')).toBeUndefined()
  expect(own.arrive(states[200] ?? '', 'ada')).toBeDefined()
})
