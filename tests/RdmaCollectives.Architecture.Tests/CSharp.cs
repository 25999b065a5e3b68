using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace RdmaCollectives.Architecture.Tests;

/// <summary>Types and members in words close to C#, always the same for the same assembly.</summary>
internal static class CSharp
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
    };

    public static string FullName(Type type) =>
        (type.DeclaringType is { } outer ? FullName(outer) : type.Namespace) + "." + Simple(type) + Arguments(type);

    public static string Member(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $".ctor({Parameters(constructor)}){Modifiers(constructor)}",
        MethodInfo method => $"{method.Name}{Arguments(method.GetGenericArguments())}({Parameters(method)}) -> {Annotated(method.ReturnParameter)}{Modifiers(method)}{Constraints(method.GetGenericArguments())}",
        PropertyInfo property => Property(property),
        FieldInfo field => $"{field.Name} -> {Name(field.FieldType, new NullabilityInfoContext().Create(field))}{(field.IsLiteral ? " = " + Literal(field.GetRawConstantValue()) : "")}"
            + $"{(field.IsStatic && !field.IsLiteral ? " [static]" : "")}{(field.IsInitOnly ? " [readonly]" : "")}",
        EventInfo @event => $"{@event.Name} -> {Name(@event.EventHandlerType!, new NullabilityInfoContext().Create(@event))} [event]",
        _ => member.Name,
    };

    public static string Constraints(Type[] parameters)
    {
        var words = from parameter in parameters
                    where parameter.IsGenericParameter
                    let constraints = ConstraintsOf(parameter).ToList()
                    where constraints.Count > 0
                    select $" where {parameter.Name} : {string.Join(", ", constraints)}";
        return string.Concat(words);
    }

    public static string Name(Type type) => Name(type, nullability: null);

    private static string Name(Type type, NullabilityInfo? nullability)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!, nullability?.ElementType ?? nullability);
        if (type.IsPointer)
            return Name(type.GetElementType()!) + "*";
        var mark = nullability?.ReadState == NullabilityState.Nullable && !type.IsValueType ? "?" : "";
        if (type.IsArray)
            return $"{Name(type.GetElementType()!, nullability?.ElementType)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Name(underlying) + "?";
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword + mark;
        if (type.IsGenericParameter)
            return type.Name + mark;
        var outer = type.DeclaringType is { } declaring ? Simple(declaring) + "." : "";
        return outer + Simple(type) + Arguments(type, nullability) + mark;
    }

    private static string Simple(Type type) => type.Name.Split('`')[0];

    private static string Arguments(Type type, NullabilityInfo? nullability = null)
    {
        // A nested type repeats the arguments of the types around it.
        var inherited = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        var own = type.GetGenericArguments().Skip(inherited).ToArray();
        var states = nullability?.GenericTypeArguments ?? [];
        var names = own.Select((argument, i) => Name(argument, inherited + i < states.Length ? states[inherited + i] : null));
        return own.Length == 0 ? "" : $"<{string.Join(", ", names)}>";
    }

    private static string Arguments(Type[] arguments) => arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(Name))}>";

    private static string Property(PropertyInfo property)
    {
        var accessors = new[] { ("get", property.GetMethod), ("set", property.SetMethod) }
            .Where(pair => pair.Item2 is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true })
            .Select(pair => Access(pair.Item2!) + (IsInit(pair.Item2!) ? "init" : pair.Item1));
        var index = property.GetIndexParameters() is { Length: > 0 } parameters ? $"[{string.Join(", ", parameters.Select(Parameter))}]" : "";
        var type = property.PropertyType.IsByRef ? "ref " : "";
        var required = property.GetCustomAttribute<RequiredMemberAttribute>() is null ? "" : " [required]";
        var modifiers = Modifiers(property.GetAccessors(nonPublic: true)[0], access: false);
        return $"{property.Name}{index} {{ {string.Join("; ", accessors)}; }} -> {type}{Name(property.PropertyType, new NullabilityInfoContext().Create(property))}{required}{modifiers}";
    }

    private static bool IsInit(MethodInfo setter) => setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Modifiers(MethodBase method, bool access = true)
    {
        var words = new List<string>();
        if (access && !method.IsPublic)
            words.Add("protected");
        if (method.IsStatic)
            words.Add("static");
        if (method.IsAbstract)
            words.Add("abstract");
        else if (method is MethodInfo { IsVirtual: true, IsFinal: false } info && !info.DeclaringType!.IsSealed)
            words.Add(info.GetBaseDefinition() == info ? "virtual" : "override");
        return words.Count == 0 ? "" : $" [{string.Join(", ", words)}]";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var direction = !parameter.ParameterType.IsByRef ? "" : parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ";
        var form = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params " : "";
        var value = parameter.HasDefaultValue ? " = " + Default(parameter) : "";
        return $"{form}{direction}{Annotated(parameter)} {parameter.Name}{value}";
    }

    private static string Annotated(ParameterInfo parameter) => Name(parameter.ParameterType, new NullabilityInfoContext().Create(parameter));

    private static string Default(ParameterInfo parameter) =>
        parameter.ParameterType.IsEnum && parameter.RawDefaultValue is { } value && Enum.GetName(parameter.ParameterType, value) is { } name
            ? $"{Name(parameter.ParameterType)}.{name}"
            : Literal(parameter.RawDefaultValue);

    private static string Literal(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static IEnumerable<string> ConstraintsOf(Type parameter)
    {
        var flags = parameter.GenericParameterAttributes;
        if (parameter.GetCustomAttributes().Any(attribute => attribute.GetType().Name == "IsUnmanagedAttribute"))
            yield return "unmanaged";
        else if (flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint))
            yield return "struct";
        else if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
            yield return "class";
        foreach (var constraint in parameter.GetGenericParameterConstraints().Where(type => type != typeof(ValueType)))
            yield return Name(constraint);
        if (flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint))
            yield return "new()";
        if (flags.HasFlag(GenericParameterAttributes.AllowByRefLike))
            yield return "allows ref struct";
    }
}
