using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace RdmaCollectives.Fuzz.Coverage;

/// <summary>
/// Rewrites an assembly so that each basic block sets a byte when it is entered. A block begins at a method's front, at the target of a branch, behind a branch and at a handler. Beside the assembly it
/// writes the map: a line per block, <c>source file|line</c>.
/// </summary>
internal static class Instrumenter
{
    public const string TypeName = "RdmaCollectives.FuzzCoverage";
    public const string FieldName = "Hits";

    public static string MapPath(string assembly) => Path.ChangeExtension(assembly, ".blocks");

    public static void Rewrite(string path)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(path, new ReaderParameters { ReadSymbols = true, InMemory = true });
        var map = new List<string>();
        FieldDefinition hits = AddHits(module, out MethodDefinition initializer);
        foreach (MethodDefinition method in module.GetTypes().SelectMany(static type => type.Methods).Where(method => method.HasBody && method != initializer).ToArray())
        {
            Rewrite(method, hits, map);
        }

        ILProcessor il = initializer.Body.GetILProcessor();
        il.Emit(OpCodes.Ldc_I4, map.Count);
        il.Emit(OpCodes.Newarr, module.TypeSystem.Byte);
        il.Emit(OpCodes.Stsfld, hits);
        il.Emit(OpCodes.Ret);
        (module.Attributes, module.Architecture) = (ModuleAttributes.ILOnly, TargetArchitecture.I386); // without the code that was compiled ahead of time
        module.Write(path);
        File.WriteAllLines(MapPath(path), map);
    }

    private static FieldDefinition AddHits(ModuleDefinition module, out MethodDefinition initializer)
    {
        int dot = TypeName.LastIndexOf('.');
        const TypeAttributes Static = TypeAttributes.Public | TypeAttributes.Abstract | TypeAttributes.Sealed | TypeAttributes.BeforeFieldInit;
        var type = new TypeDefinition(TypeName[..dot], TypeName[(dot + 1)..], Static, module.TypeSystem.Object);
        var hits = new FieldDefinition(FieldName, FieldAttributes.Public | FieldAttributes.Static, new ArrayType(module.TypeSystem.Byte));
        const MethodAttributes Attributes = MethodAttributes.Private | MethodAttributes.Static | MethodAttributes.HideBySig | MethodAttributes.SpecialName | MethodAttributes.RTSpecialName;
        initializer = new MethodDefinition(".cctor", Attributes, module.TypeSystem.Void);
        type.Fields.Add(hits);
        type.Methods.Add(initializer);
        module.Types.Add(type);
        return hits;
    }

    private static void Rewrite(MethodDefinition method, FieldDefinition hits, List<string> map)
    {
        if (!method.DebugInformation.HasSequencePoints)
        {
            return;
        }

        method.Body.SimplifyMacros();
        ILProcessor il = method.Body.GetILProcessor();
        foreach (Instruction first in BlockStarts(method.Body).ToArray())
        {
            SequencePoint? point = PointOf(method, first);
            if (point is null)
            {
                continue;
            }

            Instruction load = il.Create(OpCodes.Ldsfld, hits);
            il.InsertBefore(first, load);
            il.InsertBefore(first, il.Create(OpCodes.Ldc_I4, map.Count));
            il.InsertBefore(first, il.Create(OpCodes.Ldc_I4_1));
            il.InsertBefore(first, il.Create(OpCodes.Stelem_I1));
            Redirect(method.Body, first, load);
            map.Add($"{point.Document.Url}|{point.StartLine}");
        }

        method.Body.OptimizeMacros();
    }

    private static IEnumerable<Instruction> BlockStarts(MethodBody body)
    {
        var starts = new HashSet<Instruction> { body.Instructions[0] };
        foreach (Instruction instruction in body.Instructions)
        {
            if (instruction.Operand is Instruction target)
            {
                starts.Add(target);
            }
            else if (instruction.Operand is Instruction[] targets)
            {
                starts.UnionWith(targets);
            }

            if (instruction.OpCode.FlowControl == FlowControl.Cond_Branch && instruction.Next is { } next)
            {
                starts.Add(next);
            }
        }

        foreach (ExceptionHandler handler in body.ExceptionHandlers)
        {
            starts.Add(handler.HandlerStart);
        }

        return body.Instructions.Where(instruction => starts.Contains(instruction) && !IsPrefixed(instruction));
    }

    // Nothing may come between a prefix and what it belongs to.
    private static bool IsPrefixed(Instruction instruction) => instruction.Previous is { OpCode.OpCodeType: OpCodeType.Prefix };

    // The line of a block is that of the last sequence point before it.
    private static SequencePoint? PointOf(MethodDefinition method, Instruction instruction)
    {
        SequencePoint? last = null;
        foreach (SequencePoint point in method.DebugInformation.SequencePoints)
        {
            if (point.Offset > instruction.Offset)
            {
                break;
            }

            last = point.IsHidden ? last : point;
        }

        return last;
    }

    private static void Redirect(MethodBody body, Instruction from, Instruction to)
    {
        foreach (Instruction instruction in body.Instructions)
        {
            if (instruction.Operand == from)
            {
                instruction.Operand = to;
            }
            else if (instruction.Operand is Instruction[] targets)
            {
                for (int i = 0; i < targets.Length; i++)
                {
                    targets[i] = targets[i] == from ? to : targets[i];
                }
            }
        }

        foreach (ExceptionHandler handler in body.ExceptionHandlers)
        {
            handler.TryStart = handler.TryStart == from ? to : handler.TryStart;
            handler.TryEnd = handler.TryEnd == from ? to : handler.TryEnd;
            handler.HandlerStart = handler.HandlerStart == from ? to : handler.HandlerStart;
            handler.HandlerEnd = handler.HandlerEnd == from ? to : handler.HandlerEnd;
            handler.FilterStart = handler.FilterStart == from ? to : handler.FilterStart;
        }
    }
}
