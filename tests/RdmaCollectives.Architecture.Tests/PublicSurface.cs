using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace RdmaCollectives.Architecture.Tests;

/// <summary>What users of an assembly can see, one type or member a line, sorted by name.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IReadOnlyList<string> Of(Assembly assembly) =>
        assembly.GetTypes().Where(IsVisible).SelectMany(Lines).Order(StringComparer.Ordinal).ToList();

    private static IEnumerable<string> Lines(Type type)
    {
        var name = CSharp.FullName(type);
        yield return TypeLine(type, name);
        if (type.IsEnum)
        {
            foreach (var value in type.GetFields(BindingFlags.Public | BindingFlags.Static))
                yield return $"{name}.{value.Name} = {Convert.ToString(value.GetRawConstantValue(), CultureInfo.InvariantCulture)}";
            yield break;
        }

        if (typeof(Delegate).IsAssignableFrom(type))
            yield break;
        foreach (var member in type.GetMembers(Declared).Where(member => IsVisible(member) && !IsCompilerMade(member)))
            yield return $"{name}.{CSharp.Member(member)}";
    }

    private static string TypeLine(Type type, string name)
    {
        if (typeof(Delegate).IsAssignableFrom(type) && type != typeof(Delegate))
            return $"{name} : delegate {CSharp.Member(type.GetMethod("Invoke")!)}";
        var kind = type switch
        {
            { IsEnum: true } => $"enum {CSharp.Name(Enum.GetUnderlyingType(type))}",
            { IsInterface: true } => "interface",
            { IsValueType: true } => (Has<IsReadOnlyAttribute>(type) ? "readonly " : "") + (type.IsByRefLike ? "ref struct" : "struct"),
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var bases = new List<string>();
        if (type.IsClass && type.BaseType is { } parent && parent != typeof(object))
            bases.Add(CSharp.Name(parent));
        if (!type.IsEnum)
            bases.AddRange(type.GetInterfaces().Except(type.BaseType?.GetInterfaces() ?? []).Where(face => face.IsVisible).Select(CSharp.Name).Order(StringComparer.Ordinal));
        return $"{name} : {kind}{(bases.Count > 0 ? $" ({string.Join(", ", bases)})" : "")}{CSharp.Constraints(type.GetGenericArguments())}";
    }

    private static bool IsVisible(Type type) =>
        type.DeclaringType is { } outer
            ? IsVisible(outer) && (type.IsNestedPublic || ((type.IsNestedFamily || type.IsNestedFamORAssem) && !outer.IsSealed))
            : type.IsPublic;

    // Protected members of a class that nobody can derive from are not for users.
    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => method.IsPublic || ((method.IsFamily || method.IsFamilyOrAssembly) && CanBeDerived(method.DeclaringType!)),
        FieldInfo field => field.IsPublic || ((field.IsFamily || field.IsFamilyOrAssembly) && CanBeDerived(field.DeclaringType!)),
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsVisible),
        EventInfo @event => IsVisible(@event.AddMethod!),
        _ => false,
    };

    private static bool CanBeDerived(Type type) =>
        !type.IsSealed && type.GetConstructors(Declared).Any(constructor => constructor.IsPublic || constructor.IsFamily || constructor.IsFamilyOrAssembly);

    // Accessors are told with their property; a record's own members follow from its properties.
    private static bool IsCompilerMade(MemberInfo member) =>
        Has<CompilerGeneratedAttribute>(member) || member is MethodInfo { IsSpecialName: true } and not { Name: ['o', 'p', '_', ..] };

    private static bool Has<T>(MemberInfo member) where T : Attribute => member.GetCustomAttribute<T>(inherit: false) is not null;
}
