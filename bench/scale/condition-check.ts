type Item = Record<string, unknown>;
interface Given {
  names: Record<string, string>;
  values: Record<string, unknown>;
}
type Check = (item: Item | undefined, given: Given) => boolean;

const WORD =
  /\s*(attribute_not_exists|attribute_exists|attribute_type|begins_with|AND|OR|NOT|BETWEEN|<=|>=|<>|[=<>(),]|[:#]?\w+)/gy;

function wordsOf(expression: string): string[] {
  const words = [...expression.matchAll(WORD)].map(([, word]) => word ?? '');
  if (words.join('') !== expression.replaceAll(/\s/g, '')) throw new Error(`The model cannot read the condition: ${expression}`);
  return words;
}

const typeOf = (value: unknown): string =>
  value === null ? 'NULL' : typeof value === 'string' ? 'S' : typeof value === 'number' ? 'N' : 'other';

function compare(sign: string, left: unknown, right: unknown): boolean {
  if (sign === '=') return left === right;
  if (sign === '<>') return left !== right;
  const isComparable =
    (typeof left === 'number' && typeof right === 'number') || (typeof left === 'string' && typeof right === 'string');
  if (!isComparable) return false;
  switch (sign) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
  throw new Error(`The model does not know the comparison ${sign}.`);
}

/** The forms that the stores use: what exists, of which type it is, how it compares; AND, OR and brackets. */
class ConditionReader {
  private readonly words: string[];
  private at = 0;

  constructor(expression: string) {
    this.words = wordsOf(expression);
  }

  read(): Check {
    const check = this.readOr();
    if (this.at < this.words.length) throw new Error(`The model cannot read the condition: ${this.words.join(' ')}`);
    return check;
  }

  private take(expected?: string): string {
    const word = this.words[this.at++] ?? '';
    if (expected !== undefined && word !== expected)
      throw new Error(`The model expected ${expected} in the condition: ${this.words.join(' ')}`);
    return word;
  }

  private readOr(): Check {
    let left = this.readAnd();
    while (this.words[this.at] === 'OR') {
      this.at++;
      const [one, other] = [left, this.readAnd()];
      left = (item, given) => one(item, given) || other(item, given);
    }
    return left;
  }

  private readAnd(): Check {
    let left = this.readOne();
    while (this.words[this.at] === 'AND') {
      this.at++;
      const [one, other] = [left, this.readOne()];
      left = (item, given) => one(item, given) && other(item, given);
    }
    return left;
  }

  private readOne(): Check {
    const word = this.take();
    if (word === '(') {
      const inner = this.readOr();
      this.take(')');
      return inner;
    }
    if (word === 'attribute_not_exists' || word === 'attribute_exists') {
      this.take('(');
      const name = this.take();
      this.take(')');
      const wanted = word === 'attribute_exists';
      return (item, given) => (item?.[nameOf(name, given)] !== undefined) === wanted;
    }
    if (word === 'attribute_type') {
      this.take('(');
      const name = this.take();
      this.take(',');
      const type = this.take();
      this.take(')');
      return (item, given) =>
        item?.[nameOf(name, given)] !== undefined && typeOf(item[nameOf(name, given)]) === valueOf(type, given);
    }
    if (!/^[#\w]/.test(word) || word === 'begins_with' || word === 'NOT') throw new Error(`The model does not know ${word}.`);
    const sign = this.take();
    const value = this.take();
    return (item, given) => {
      const left = item?.[nameOf(word, given)];
      return left === undefined ? sign === '<>' : compare(sign, left, valueOf(value, given));
    };
  }
}

function nameOf(word: string, { names }: Given): string {
  if (!word.startsWith('#')) return word;
  const name = names[word];
  if (name === undefined) throw new Error(`The condition names ${word}, which is not given.`);
  return name;
}
function valueOf(word: string, { values }: Given): unknown {
  if (!word.startsWith(':') || !(word in values)) throw new Error(`The condition needs the value ${word}.`);
  return values[word];
}

const known = new Map<string, Check>();

/**
 * Whether a write's condition holds for what is stored.
 * @throws an error for any form that the stores did not use when this was written
 */
export function holds(
  expression: string,
  item: Item | undefined,
  names: Given['names'] = {},
  values: Given['values'] = {},
): boolean {
  let check = known.get(expression);
  if (!check) {
    check = new ConditionReader(expression).read();
    known.set(expression, check);
  }
  return check(item, { names, values });
}
