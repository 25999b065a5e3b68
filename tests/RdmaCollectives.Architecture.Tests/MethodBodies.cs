using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;

namespace RdmaCollectives.Architecture.Tests;

/// <summary>Finds the metadata tokens in a method body (ECMA-335, partition III: one or two bytes of opcode, then its operand).</summary>
internal static class MethodBodies
{
    private const byte TwoByteMark = 0xFE;

    private static readonly Dictionary<ushort, OperandType> Operands = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (ushort)code.Value, code => code.OperandType);

    public static IEnumerable<int> Tokens(BlobReader body)
    {
        var tokens = new List<int>();
        while (body.RemainingBytes > 0)
        {
            ushort code = body.ReadByte();
            if (code == TwoByteMark)
                code = (ushort)((TwoByteMark << 8) | body.ReadByte());
            var operand = Operands[code];
            if (operand is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType or OperandType.InlineSig)
                tokens.Add(body.ReadInt32());
            else
                Skip(ref body, operand);
        }

        return tokens;
    }

    private static void Skip(ref BlobReader body, OperandType operand)
    {
        var size = operand switch
        {
            OperandType.InlineNone => 0,
            OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
            OperandType.InlineVar => 2,
            OperandType.InlineI8 or OperandType.InlineR => 8,
            OperandType.InlineSwitch => 4 * body.ReadInt32(),
            _ => 4,
        };
        body.Offset += size;
    }
}
