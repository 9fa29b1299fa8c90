import { type CesqlValue } from './cesql-value.js';

export type LogicOperator = 'AND' | 'OR' | 'XOR';
export type ComparisonOperator = '=' | '!=' | '<>' | '>=' | '<=' | '<' | '>';
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';
export type BinaryOperator = LogicOperator | ComparisonOperator | ArithmeticOperator;

interface Place {
  /** Where it begins and ends in the text, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
}

/** Operators of one precedence after each other, which are evaluated from left to right (CESQL 3.6). */
export interface ChainNode extends Place {
  readonly kind: 'chain';
  readonly first: SyntaxNode;
  readonly rest: readonly {
    readonly operator: BinaryOperator;
    readonly operand: SyntaxNode;
    /** Of the operator. */
    readonly offset: number;
  }[];
}

/** An expression after parsing (CESQL 2); parentheses are expressed by the tree. */
export type SyntaxNode =
  | ({ readonly kind: 'literal'; readonly value: CesqlValue } & Place)
  | ({ readonly kind: 'attribute'; readonly name: string } & Place)
  | ({ readonly kind: 'exists'; readonly name: string } & Place)
  | ({ readonly kind: 'not' | 'minus'; readonly operand: SyntaxNode } & Place)
  | ({
      readonly kind: 'like';
      readonly operand: SyntaxNode;
      readonly negated: boolean;
      /** As the string literal says it; `\` before `%` and `_` is still there. */
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
      /** In capitals. */
      readonly name: string;
      readonly args: readonly SyntaxNode[];
    } & Place)
  | ChainNode;
