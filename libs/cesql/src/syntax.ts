import { type CesqlValue } from './cesql-value.js';

export type LogicOperator = 'AND' | 'OR' | 'XOR';
export type ComparisonOperator = '=' | '!=' | '<>' | '>=' | '<=' | '<' | '>';
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';
export type BinaryOperator = LogicOperator | ComparisonOperator | ArithmeticOperator;

interface Place {
  /** Its position in the text, in UTF-16 code units; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
}

/** A sequence of operators of one precedence, which are evaluated from left to right (CESQL 3.6). */
export interface ChainNode extends Place {
  readonly kind: 'chain';
  readonly first: SyntaxNode;
  readonly rest: readonly {
    readonly operator: BinaryOperator;
    readonly operand: SyntaxNode;
    /** The position of the operator, in UTF-16 code units. */
    readonly offset: number;
  }[];
}

/** A node of the syntax tree (CESQL 2). Parentheses have no node of their own. */
export type SyntaxNode =
  | ({ readonly kind: 'literal'; readonly value: CesqlValue } & Place)
  | ({ readonly kind: 'attribute'; readonly name: string } & Place)
  | ({ readonly kind: 'exists'; readonly name: string } & Place)
  | ({ readonly kind: 'not' | 'minus'; readonly operand: SyntaxNode } & Place)
  | ({
      readonly kind: 'like';
      readonly operand: SyntaxNode;
      readonly negated: boolean;
      /** The value of the string literal, in which `\` still escapes `%` and `_`. */
      readonly pattern: string;
    } & Place)
  | ({
      readonly kind: 'in';
      readonly operand: SyntaxNode;
      readonly negated: boolean;
      readonly elements: readonly SyntaxNode[];
    } & Place)
  | ({
      readonly kind: 'call';
      /** In upper case. */
      readonly name: string;
      readonly args: readonly SyntaxNode[];
    } & Place)
  | ChainNode;
